/** Which rules the interpreter enforces: the verification flags of Bitcoin Core (`script/interpreter.h`), by its names. */

// prettier-ignore
export const VERIFY = {
  P2SH:                                  1 << 0,  // BIP 16
  STRICTENC:                             1 << 1,  // policy: known hash types and key forms
  DERSIG:                                1 << 2,  // BIP 66
  LOW_S:                                 1 << 3,  // policy: BIP 62 rule 5
  NULLDUMMY:                             1 << 4,  // BIP 147
  SIGPUSHONLY:                           1 << 5,  // BIP 62 rule 2
  MINIMALDATA:                           1 << 6,  // policy: BIP 62 rules 3 and 4
  DISCOURAGE_UPGRADABLE_NOPS:            1 << 7,  // policy
  CLEANSTACK:                            1 << 8,  // policy: BIP 62 rule 6; needs P2SH and WITNESS
  CHECKLOCKTIMEVERIFY:                   1 << 9,  // BIP 65
  CHECKSEQUENCEVERIFY:                   1 << 10, // BIP 112
  WITNESS:                               1 << 11, // BIP 141; needs P2SH
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM: 1 << 12, // policy
  MINIMALIF:                             1 << 13, // policy: OP_IF in a witness takes nothing or one
  NULLFAIL:                              1 << 14, // policy: BIP 146
  WITNESS_PUBKEYTYPE:                    1 << 15, // policy: compressed keys in witnesses
  CONST_SCRIPTCODE:                      1 << 16, // policy: no OP_CODESEPARATOR, no signature inside the script
  TAPROOT:                               1 << 17, // BIP 341: here, to refuse spending what the interpreter cannot check
} as const;

export type FlagName = keyof typeof VERIFY;

/** What every block on regtest must obey from its first block on. */
export const CONSENSUS_FLAGS =
  VERIFY.P2SH |
  VERIFY.DERSIG |
  VERIFY.NULLDUMMY |
  VERIFY.CHECKLOCKTIMEVERIFY |
  VERIFY.CHECKSEQUENCEVERIFY |
  VERIFY.WITNESS |
  VERIFY.TAPROOT;

/** What a mempool asks besides (Bitcoin Core `STANDARD_SCRIPT_VERIFY_FLAGS`). */
export const STANDARD_FLAGS =
  CONSENSUS_FLAGS |
  VERIFY.STRICTENC |
  VERIFY.LOW_S |
  VERIFY.MINIMALDATA |
  VERIFY.DISCOURAGE_UPGRADABLE_NOPS |
  VERIFY.CLEANSTACK |
  VERIFY.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM |
  VERIFY.MINIMALIF |
  VERIFY.NULLFAIL |
  VERIFY.WITNESS_PUBKEYTYPE |
  VERIFY.CONST_SCRIPTCODE;
