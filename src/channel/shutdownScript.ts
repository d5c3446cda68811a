/** Where a closing may pay: the forms of `scriptpubkey` in `shutdown` and `closing_complete` (BOLT 2, "Closing Initiation"). */
import { equalBytes } from '../base/bytes.ts';
import { OP, witnessProgram } from '../chain/script.ts';

/** What of it both ends negotiated. */
export interface ShutdownFeatures {
  /** `option_shutdown_anysegwit`: witness programs of versions 1 to 16 */
  readonly anySegwit: boolean;
  /** `option_simple_close`: OP_RETURN with data */
  readonly simpleClose: boolean;
}

/** Why a `shutdown` is not acceptable. */
export type ShutdownViolation = 'invalid-shutdown-script' | 'not-the-upfront-script';

/**
 * What is wrong with the script of a `shutdown`, sent or received; null if nothing.
 * @param upfront the script that its sender committed to when the channel was opened; empty for none
 */
export function shutdownViolation(
  script: Uint8Array,
  upfront: Uint8Array,
  features: ShutdownFeatures,
): ShutdownViolation | null {
  if (!isShutdownScript(script, features)) return 'invalid-shutdown-script';
  return upfront.length === 0 || equalBytes(upfront, script) ? null : 'not-the-upfront-script';
}

/** Whether a closing may pay that script. */
export function isShutdownScript(script: Uint8Array, { anySegwit, simpleClose }: ShutdownFeatures): boolean {
  if (isDataScript(script)) return simpleClose;
  const witness = witnessProgram(script);
  if (witness === null) return false;
  return witness.version === 0 ? witness.program.length === 20 || witness.program.length === 32 : anySegwit;
}

/**
 * `OP_RETURN` and one push of 6 to 80 bytes: up to 75 by its length alone, beyond by OP_PUSHDATA1. It is worth nothing, so
 * that all of its owner's balance goes to the fee.
 */
export function isDataScript(script: Uint8Array): boolean {
  const [opcode, push = 0, length = 0] = script;
  if (opcode !== OP.OP_RETURN) return false;
  if (push >= 6 && push <= 75) return script.length === 2 + push;
  return push === OP.OP_PUSHDATA1 && length >= 76 && length <= 80 && script.length === 3 + length;
}
