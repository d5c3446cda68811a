/** Whether any node can pay another. */
export const isAble = (payers: readonly number[], payees: readonly number[]): boolean =>
  payers.length > 0 && payees.length > 0 && (payers.length > 1 || payees.length > 1 || payers[0] !== payees[0]);
