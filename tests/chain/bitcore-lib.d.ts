/** As much of bitcore-lib as the judging tests use; the package brings no types. */
declare module 'bitcore-lib' {
  class Script {
    constructor(bytes: Buffer);
  }
  class Transaction {
    constructor(hex: string);
    readonly id: string;
    readonly inputs: readonly unknown[];
  }
  interface Interpreter {
    verify(
      scriptSig: Script,
      scriptPubKey: Script,
      tx: Transaction,
      inputIndex: number,
      flags: number,
      witness: readonly Buffer[],
      satoshis: number,
    ): boolean;
    readonly errstr: string;
  }
  const bitcore: {
    Script: typeof Script & { Interpreter: (new () => Interpreter) & Record<string, number> };
    Transaction: typeof Transaction;
  };
  export default bitcore;
}
