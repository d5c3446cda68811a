/**
 * Random histories of a channel, run on two real ends and on the model of integers at once: additions, removals, changes of
 * the fee rate, signatures when either side likes, disconnections, crashes, shutdown, with messages in flight all the time.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { mark } from '../../src/base/marks.ts';
import type { CommitmentSpec } from '../../src/channel/commitmentSpec.ts';
import { ChannelModel, type Content } from './channelModel.ts';
import { other, Pair, SIDES, TERMS, type Side } from './pair.ts';

type Command = fc.Command<ChannelModel, Pair>;

/** A commitment in the words of the model. */
function said(spec: CommitmentSpec, owner: Side): Content {
  const msat: [number, number] = [0, 0];
  msat[owner] = spec.toLocalMsat;
  msat[other(owner)] = spec.toRemoteMsat;
  const htlcs = spec.htlcs.map((htlc) => `${htlc.offered ? owner : other(owner)}.${htlc.id}:${htlc.amountMsat}`).sort();
  return { number: spec.number, msat, htlcs, feeratePerKw: spec.feeratePerKw };
}

/** All that holds after every step, in whatever state the channel is. */
function check(model: ChannelModel, pair: Pair): void {
  for (const side of SIDES) {
    const end = pair.ends[side];
    const { local, remote } = end.ledger.countedMsat();
    if (local !== 1e9 || remote !== 1e9) throw new Error(`msat are not conserved: ${local}, ${remote}`);
    const memory = model.sides[side];
    same(said(end.spec('local'), side), model.content(side, memory.held));
    const latest = memory.signed.length - 1;
    same(said(end.spec('remote'), other(side)), model.content(other(side), latest));
    const before = memory.revoked < latest ? latest - 1 : latest;
    same(said(end.spec('remote-before'), other(side)), model.content(other(side), before));
  }
}

function same(found: Content, expected: Content): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`the ends say ${a}, the model ${b}`);
}

/** A command that is no more than its name and what it does. */
function command(name: string, run: (model: ChannelModel, pair: Pair) => void): Command {
  return {
    check: () => true,
    run(model, pair) {
      run(model, pair);
      check(model, pair);
    },
    toString: () => name,
  };
}

const side = fc.constantFrom(...SIDES);

/** Signs if there is something to sign, on both the pair and the model. */
function commit(model: ChannelModel, pair: Pair, from: Side): boolean {
  if (!pair.commit(from)) return false;
  model.commit(from);
  if (!model.isSignedAlike(from)) throw new Error('one commitment number was signed with two contents');
  return true;
}

/** What is next on a wire arrives, on both the pair and the model. */
function deliver(model: ChannelModel, pair: Pair, from: Side): void {
  const type = pair.wires[from][0]?.type;
  const answers = pair.wires[other(from)].length;
  const violation = pair.deliver(from);
  if (violation !== null) throw new Error(`${violation}, though both ends are honest`);
  const to = other(from);
  if (type === 'commit' && !model.gotCommit(to)) throw new Error('a commitment number was skipped or repeated');
  if (type === 'revoke' && !model.gotRevoke(to)) throw new Error('a revocation was skipped or repeated');
  if (type === 'reestablish') noteRetransmission(model, pair, to, answers);
}

/** Marks what a reconnection made an end send again, and in which order. */
function noteRetransmission(model: ChannelModel, pair: Pair, from: Side, after: number): void {
  const types = pair.wires[from].slice(after).map((message) => message.type);
  const [commitAt, revokeAt] = [types.indexOf('commit'), types.indexOf('revoke')];
  if (commitAt >= 0 && revokeAt < 0) mark('resent a signature alone');
  if (revokeAt >= 0 && commitAt < 0) mark('resent a revocation alone');
  if (commitAt >= 0 && revokeAt > commitAt) mark('resent a signature, then a revocation');
  if (revokeAt >= 0 && revokeAt < commitAt) mark('resent a revocation, then a signature');
  if (revokeAt > 0 && revokeAt < commitAt) mark('resent an update, a revocation, then a signature');
  if (types.includes('fee')) mark('resent a change of the fee rate');
  if (types.includes('remove') && commitAt < 0) mark('resent a removal that no signature covers');
  if (types.includes('shutdown')) mark('resent a shutdown');
  if (commitAt >= 0 && !model.isSignedAlike(from))
    throw new Error('a commitment was signed again with another content');
}

const offer = fc.tuple(side, fc.integer({ min: 1, max: 120_000_000 })).map(([from, amountMsat]) =>
  command(`offer(${from}, ${amountMsat})`, (model, pair) => {
    if (!pair.offer(from, amountMsat)) return;
    const { id } = pair.ends[from].htlcs.at(-1)!;
    model.send(from, { kind: 'add', id, amountMsat });
    if (pair.ends[from].ledger.awaitingRevoke) mark('an update while a signature is outstanding');
  }),
);

const remove = fc.tuple(side, fc.nat(20), fc.boolean()).map(([from, which, fulfils]) =>
  command(`remove(${from}, ${which}, ${fulfils})`, (model, pair) => {
    const candidates = pair.removable(from);
    const htlc = candidates[which % Math.max(1, candidates.length)];
    if (!htlc) return;
    if (!pair.isConnected) mark('a removal decided without a connection');
    pair.remove(from, htlc, fulfils);
    model.send(from, { kind: 'remove', id: htlc.id, fulfils });
  }),
);

const fee = fc.integer({ min: 253, max: 8000 }).map((feeratePerKw) =>
  command(`fee(${feeratePerKw})`, (model, pair) => {
    const changes = pair.ends[0].feeratePerKw;
    if (!pair.fee(feeratePerKw)) return;
    model.send(0, { kind: 'fee', feeratePerKw });
    if (changes < feeratePerKw) mark('a rise of the fee rate');
  }),
);

const commits = side.map((from) => command(`commit(${from})`, (model, pair) => void commit(model, pair, from)));

const delivers = fc.tuple(side, fc.integer({ min: 1, max: 3 })).map(([from, count]) =>
  command(`deliver(${from}, ${count})`, (model, pair) => {
    for (let i = 0; i < count; i++) deliver(model, pair, from);
  }),
);

/** Both sign and deliver for a while, so that histories get past their beginnings. */
const exchanges = fc.integer({ min: 1, max: 6 }).map((rounds) =>
  command(`exchange(${rounds})`, (model, pair) => {
    for (let i = 0; i < rounds; i++)
      for (const from of SIDES) {
        commit(model, pair, from);
        deliver(model, pair, from);
      }
  }),
);

/** The connection breaks, in half of the cases by a crash of one side, which may have written a little more than it must. */
const breaks = fc
  .record({ crashes: fc.option(side), writes: fc.boolean(), reconnects: fc.boolean() })
  .map(({ crashes, writes, reconnects }) =>
    command(`break(${crashes}, ${writes}, ${reconnects})`, (model, pair) => {
      const lost = pair.wires[0].length + pair.wires[1].length;
      if (crashes === null) {
        pair.disconnect();
        model.disconnect();
        if (lost > 0) mark('a disconnection with messages in flight');
      } else {
        if (writes) {
          pair.write(crashes);
          model.write(crashes);
        }
        if (lost > 0) mark('a crash with messages in flight');
        pair.crash(crashes);
        model.crash(crashes);
      }
      if (reconnects) pair.connect();
    }),
  );

const connects = fc.constant(command('connect', (_, pair) => pair.connect()));

const shutdown = side.map((from) =>
  command(`shutdown(${from})`, (model, pair) => {
    if (!pair.shutdown(from)) return;
    model.write(from);
    if (pair.ends[from].htlcs.length > 0) mark('a shutdown with HTLCs pending');
  }),
);

const answers = side.map((from) =>
  command(`answer(${from})`, (model, pair) => {
    if (pair.answerShutdown(from)) model.write(from);
  }),
);

/** Faults end: all is delivered, every HTLC resolved. */
function settle(model: ChannelModel, pair: Pair): void {
  pair.connect();
  for (let round = 0; round < 2000; round++) {
    let busy = false;
    for (const from of SIDES) {
      if (pair.answerShutdown(from)) {
        model.write(from);
        busy = true;
      }
      busy = commit(model, pair, from) || busy;
      if (pair.wires[from].length > 0) {
        busy = true;
        deliver(model, pair, from);
      }
    }
    check(model, pair);
    if (!busy) return;
  }
  throw new Error('the channel never falls quiet');
}

function finish(model: ChannelModel, pair: Pair): void {
  settle(model, pair);
  for (const from of SIDES)
    for (const htlc of pair.removable(from)) {
      const fulfils = htlc.id % 2 === 0;
      pair.remove(from, htlc, fulfils);
      model.send(from, { kind: 'remove', id: htlc.id, fulfils });
    }
  settle(model, pair);
  const [a, b] = pair.ends;
  expect([a.htlcs.length, b.htlcs.length]).toEqual([0, 0]);
  expect([a.toLocalMsat, a.toRemoteMsat]).toEqual([b.toRemoteMsat, b.toLocalMsat]);
  expect(a.spec('local').feeratePerKw).toBe(b.spec('local').feeratePerKw);
  expect(a.spec('remote').feeratePerKw).toBe(b.spec('local').feeratePerKw);
  expect(a.mayNegotiateClosing).toBe(b.mayNegotiateClosing);
  if (a.mayNegotiateClosing) mark('both shut down');
}

/** The paths that random histories must have taken to prove anything. */
export const RARE_PATHS = [
  'resent a signature alone',
  'resent a revocation alone',
  'resent a signature, then a revocation',
  'resent a revocation, then a signature',
  'resent an update, a revocation, then a signature',
  'resent a change of the fee rate',
  'resent a removal that no signature covers',
  'resent a shutdown',
  'an update while a signature is outstanding',
  'a removal decided without a connection',
  'a removal forgotten by a disconnection',
  'a rise of the fee rate',
  'a disconnection with messages in flight',
  'a crash with messages in flight',
  'a shutdown with HTLCs pending',
  'both shut down',
];

const FORMATS = ['anchors_zero_fee_htlc_tx', 'static_remotekey'] as const;

/** Both ends and the model agree all the way, nobody is ever accused of anything, and all resolves once faults end. */
export function channelHistories(): fc.IPropertyWithHooks<
  [number, (typeof FORMATS)[number], number, Iterable<Command>]
> {
  // prettier-ignore
  const commands = fc.commands(
    [
      offer, offer, offer, offer, remove, remove, remove, fee, commits, commits, commits, commits,
      delivers, delivers, delivers, delivers, delivers, delivers, breaks, connects, connects, answers, shutdown,
      exchanges, exchanges, exchanges,
    ],
    { maxCommands: 100, size: 'max' },
  );
  // in half of the histories the opener is close to its reserve, so that fees decide
  const opener = fc.oneof(fc.constant(500_000_000), fc.integer({ min: 15_000_000, max: 60_000_000 }));
  const slots = fc.constantFrom(2, 5, 30);
  return fc.property(opener, fc.constantFrom(...FORMATS), slots, commands, (toOpenerMsat, format, slots, list) => {
    fc.modelRun(() => {
      const pair = new Pair({ toOpenerMsat, terms: { format }, limits: { maxAcceptedHtlcs: slots } });
      const model = new ChannelModel(toOpenerMsat, 1e9 - toOpenerMsat, TERMS.feeratePerKw);
      return { model, real: pair };
    }, [...list, command('finish', finish)]);
  });
}
