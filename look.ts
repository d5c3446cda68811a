import { live } from './tests/node/histories.ts';
import { checkInTheEnd } from './tests/node/claims.ts';
import { gotSat, feesSat } from './tests/node/books.ts';
import { Trouble } from './tests/node/trouble.ts';
import { Lab } from './tests/node/harness.ts';
const [seed, n] = [Number(process.argv[2]), Number(process.argv[3]) as 2|3];
for (const k of ['crash','setOnline','cut','mend','reorganise'] as const) { const o = (Lab.prototype as any)[k]; (Lab.prototype as any)[k] = function (...a: unknown[]) { console.log(this.chain.height-101, k, ...a); return o.apply(this, a); }; }
const { lab, format, closing } = live(seed, n, 'closing');
console.log(format, closing, lab.confirmed.map((c) => `${c.kind}[${c.channel}]@${c.height - 101}:${c.feeSat}`).join(' '));
for (const node of lab.nodes) for (const c of node.channels.values()) {
  console.log('edge', c.edge, c.end.phase, c.monitor?.spendKind, 'got', gotSat(lab, c.edge>>1, node.index), ['local','remote','remote-before'].map((w) => { const s = c.end.spec(w as 'local'); return `${w} ${s.number} ${s.toLocalMsat} ${s.toRemoteMsat}`; }).join(' | '));
  for (const h of c.end.htlcs) console.log('   ', h.offered ? 'off' : 'rcv', h.id, h.amountMsat, 'st', h.state, 'exp', h.cltvExpiry-101, 'pre', h.preimage !== null, 'part', h.tag.part?.payment.status, 'settled', h.tag.settled, 'inv', lab.invoices.find((i) => String(i.paymentHash) === String(h.paymentHash))?.invoice.policy, 'up', h.tag.upstream?.htlc.id);
}
try { checkInTheEnd(lab); } catch (e) { console.log(String(e)); }
