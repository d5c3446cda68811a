/** A node that garbles the onions it forwards: the next node cannot read them, and says so (BOLT 2, `update_fail_malformed_htlc`). */
import type { Behaviour } from './behaviour.ts';

/** @param before what else the node does */
export const garblingOnions = (before: Behaviour): Behaviour => ({
  ...before,
  onionToForward: (onion) => before.onionToForward(onion).garbled(),
});
