import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { msat } from '../../src/base/units.ts';
import { channelSecrets, revocationSecretOf } from '../../src/channel/keys.ts';
import { judgeReestablish, NO_SECRET, type ChannelReestablish } from '../../src/channel/reestablish.ts';
import { FEE_POLICY, other, Pair, type Side, type Watcher } from './pair.ts';

/** The types of what is on the wire from that side. */
const sent = (pair: Pair, from: Side): string => pair.wires[from].map((message) => message.type).join(' ');

/** Both sides reconnect and hear each other out. @returns what each then sends again */
function reconnect(pair: Pair): [string, string] {
  pair.connect();
  expect([pair.deliver(0), pair.deliver(1)]).toEqual([null, null]);
  return [sent(pair, 0), sent(pair, 1)];
}

function expectSettled(pair: Pair, openerMsat: number): void {
  pair.settle();
  expect(pair.ends.map((end) => [end.toLocalMsat, end.toRemoteMsat])).toEqual([
    [openerMsat, 1e9 - openerMsat],
    [1e9 - openerMsat, openerMsat],
  ]);
}

describe('one HTLC and its two commitments, cut off after every message', () => {
  //  opener                     accepter
  //    ── update_add_htlc ─────────▶  1
  //    ── commitment_signed ───────▶  2
  //    ◀──────── revoke_and_ack ────  3
  //    ◀───── commitment_signed ────  4
  //    ── revoke_and_ack ──────────▶  5
  // prettier-ignore
  const cuts: readonly [arrived: number, fromOpener: string, fromAccepter: string][] = [
    [0, 'add commit', ''],
    [1, 'add commit', ''],
    [2, '',           'revoke commit'],
    [3, '',           'commit'],
    [4, 'revoke',     ''],
    [5, '',           ''],
  ];
  for (const [arrived, fromOpener, fromAccepter] of cuts)
    test(`after ${arrived}, the opener sends again: ${fromOpener || 'nothing'}; the accepter: ${fromAccepter || 'nothing'}`, () => {
      const pair = new Pair();
      pair.offer(0, 20_000_000);
      pair.commit(0);
      for (let i = 0; i < Math.min(arrived, 2); i++) pair.deliver(0);
      if (arrived >= 2) pair.commit(1);
      for (let i = 2; i < Math.min(arrived, 4); i++) pair.deliver(1);
      if (arrived === 5) pair.deliver(0);
      pair.disconnect();
      expect(reconnect(pair)).toEqual([fromOpener, fromAccepter]);
      pair.settle();
      pair.remove(1, pair.removable(1)[0]!, true);
      expectSettled(pair, 480_000_000);
    });
});

describe('a disconnection', () => {
  test('forgets an HTLC that no signature covers, on both ends, and gives its number to the next', () => {
    const pair = new Pair();
    pair.offer(0, 1_000_000);
    pair.deliver(0);
    pair.wires[0].length = 0;
    const [opener, accepter] = pair.ends;
    expect(opener.disconnect().map((htlc) => htlc.id)).toEqual([0]);
    expect(accepter.disconnect()).toEqual([]);
    expect([opener.htlcs, accepter.htlcs]).toEqual([[], []]);
    const greet = [opener.reestablish(), accepter.reestablish()] as const;
    for (const [end, message] of [
      [opener, greet[1]],
      [accepter, greet[0]],
    ] as const)
      expect(end.receiveReestablish(message, () => NO_SECRET)).toMatchObject({ kind: 'resumed', messages: [] });
    expect(pair.offer(0, 2_000_000)).toBe(true);
    pair.settle();
    expect(pair.ends.map((end) => end.htlcs.map((htlc) => [htlc.id, htlc.amountMsat]))).toEqual([
      [[0, 2_000_000]],
      [[0, 2_000_000]],
    ]);
  });

  test('keeps a removal that was decided, and forgets it at the end that only heard of it', () => {
    const pair = new Pair();
    pair.offer(0, 20_000_000);
    pair.settle();
    pair.remove(1, pair.removable(1)[0]!, true);
    pair.deliver(1);
    expect(pair.ends[0].htlcs[0]!.preimage).not.toBeNull();
    pair.disconnect();
    expect(pair.ends[0].htlcs[0]!.preimage).toBeNull();
    expect(reconnect(pair)).toEqual(['', 'remove']);
    expectSettled(pair, 480_000_000);
  });

  test('lets a removal be decided meanwhile, and nothing be offered', () => {
    const pair = new Pair();
    pair.offer(0, 20_000_000);
    pair.settle();
    pair.disconnect();
    expect(pair.ends[0].refusal(msat(1000))).toBe('peer-disconnected');
    expect(pair.ends[0].spendableMsat()).toBe(0);
    pair.remove(1, pair.removable(1)[0]!, false);
    expect(pair.ends[1].mayCommit).toBe(false);
    expect(reconnect(pair)).toEqual(['', 'remove']);
    expectSettled(pair, 500_000_000);
  });

  test('keeps revocation and signature in the order in which they went first', () => {
    // the opener signs, then revokes for the accepter's signature; all of it is lost
    const first = new Pair();
    first.offer(0, 20_000_000);
    first.offer(1, 30_000_000);
    first.commit(0);
    first.commit(1);
    first.deliver(1);
    first.deliver(1);
    first.disconnect();
    expect(reconnect(first)).toEqual(['add commit revoke', '']);
    first.settle();
    // here it revokes first; its update was sent before that
    const second = new Pair();
    second.offer(1, 30_000_000);
    second.commit(1);
    second.offer(0, 20_000_000);
    second.deliver(1);
    second.deliver(1);
    second.commit(0);
    second.disconnect();
    expect(reconnect(second)).toEqual(['add revoke commit', '']);
    second.settle();
  });

  test('puts shutdown after the signature it followed, and before removals that none covers', () => {
    const pair = new Pair();
    pair.offer(0, 20_000_000);
    pair.settle();
    expect(pair.shutdown(1)).toBe(true);
    pair.remove(1, pair.removable(1)[0]!, true);
    pair.disconnect();
    expect(reconnect(pair)).toEqual(['', 'shutdown remove']);
    expectSettled(pair, 480_000_000);
    expect(pair.ends.map((end) => end.mayNegotiateClosing)).toEqual([true, true]);
  });

  test('makes channel_ready go again only while neither end signed a further commitment', () => {
    const resumed = (pair: Pair): boolean[] => {
      for (const end of pair.ends) end.disconnect();
      const greet = pair.ends.map((end) => end.reestablish());
      return pair.ends.map((end, side) => {
        const result = end.receiveReestablish(greet[1 - side]!, () => NO_SECRET);
        return result.kind === 'resumed' && result.resendsChannelReady;
      });
    };
    const pair = new Pair();
    expect(resumed(pair)).toEqual([true, true]);
    pair.offer(0, 20_000_000);
    pair.settle();
    expect(resumed(pair)).toEqual([false, false]);
  });

  test('is over only when the other end has been heard', () => {
    const { ends } = new Pair();
    ends[0].disconnect();
    expect(ends[0].receiveAdd(0, msat(1000), NO_SECRET, 500, null)).toBe('message-before-reestablish');
    expect(ends[0].receiveFee(300, FEE_POLICY)).toBe('message-before-reestablish');
    expect(ends[0].receiveRemove(0, null)).toBe('message-before-reestablish');
    expect(ends[0].receiveCommit()).toBe('message-before-reestablish');
    expect(ends[0].receiveRevoke()).toBe('message-before-reestablish');
    expect(ends[0].shutdownViolation()).toBe('message-before-reestablish');
    expect(ends[1].receiveReestablish(ends[0].reestablish(), () => NO_SECRET)).toEqual({
      kind: 'violation',
      violation: 'unexpected-reestablish',
    });
  });
});

describe('the numbers of channel_reestablish', () => {
  const message = (commitment: number, revocation: number): ChannelReestablish => ({
    nextCommitmentNumber: commitment,
    nextRevocationNumber: revocation,
    yourLastPerCommitmentSecret: 'held',
  });
  // an end whose commitment 5 is current, that signed the other's commitment 7 and has no revocation of 6
  const awaiting = { localNumber: 5, remoteNumber: 7, awaitingRevoke: true };
  const resting = { ...awaiting, awaitingRevoke: false };
  const judge = (own: typeof awaiting, commitment: number, revocation: number): string => {
    const verdict = judgeReestablish(own, message(commitment, revocation), () => NO_SECRET);
    if (verdict.kind === 'violation') return verdict.violation;
    if (verdict.kind !== 'resumed') return verdict.kind;
    return [verdict.commitLost && 'commit', verdict.revokeLost && 'revoke'].filter(Boolean).join(' and ') || 'nothing';
  };

  test('say which of the two last messages were lost', () => {
    expect([judge(awaiting, 8, 5), judge(awaiting, 7, 5), judge(awaiting, 8, 4), judge(awaiting, 7, 4)]).toEqual([
      'nothing',
      'commit',
      'revoke',
      'commit and revoke',
    ]);
    expect([judge(resting, 8, 5), judge(resting, 8, 4)]).toEqual(['nothing', 'revoke']);
  });

  test('or which end has lost its memory, or lies', () => {
    expect(judge(resting, 0, 5)).toBe('reestablish-at-commitment-zero');
    expect(judge(resting, 9, 5)).toBe('reestablish-commitment-number');
    expect(judge(resting, 8, 6)).toBe('fell-behind');
    expect(judge(resting, 90, 60)).toBe('fell-behind');
    expect(judge(resting, 8, 3)).toBe('peer-fell-behind');
    // it revoked 6 for our signature of 7, and now expects that signature again
    expect(judge(resting, 7, 5)).toBe('peer-fell-behind');
    expect(judge(awaiting, 6, 5)).toBe('peer-fell-behind');
  });
});

describe('an end restored from an old backup', () => {
  const master = Rng.fromSeed('data loss').bytes32();
  const secrets = [channelSecrets(master, 'end/1'), channelSecrets(master, 'end/2')] as const;
  const bytes: Watcher = {
    ownSecret: (side) => (number) => revocationSecretOf(secrets[side], number),
    secretOfPeer: (side) => (number) => revocationSecretOf(secrets[other(side)], number),
  };

  function behind(watch: Watcher): Pair {
    const pair = new Pair({ watch });
    const backup = pair.written(0);
    for (let i = 0; i < 3; i++) {
      pair.offer(0, 20_000_000);
      pair.settle();
    }
    pair.crash(0, backup);
    pair.connect();
    return pair;
  }

  test('learns that its commitment is revoked, and remembers it; the other end waits for its error', () => {
    const pair = behind(bytes);
    expect(pair.deliver(1)).toBe('fell-behind');
    expect(pair.deliver(0)).toBe('peer-fell-behind');
    expect(pair.ends.map((end) => [end.fellBehind, end.isConnected])).toEqual([
      [true, false],
      [false, false],
    ]);
    pair.write(0);
    pair.crash(0);
    expect(pair.ends[0].fellBehind).toBe(true);
  });

  test('believes no number without the secret that proves it', () => {
    const liar: Watcher = { ...bytes, secretOfPeer: () => () => new Uint8Array(32).fill(7) };
    const pair = behind(liar);
    expect(pair.deliver(1)).toBe('reestablish-secret');
    expect(pair.ends[0].fellBehind).toBe(false);
  });

  test('and honest ends with true secrets just go on', () => {
    const pair = new Pair({ watch: bytes });
    for (let i = 0; i < 3; i++) {
      pair.offer(0, 20_000_000);
      pair.disconnect();
      pair.settle();
      pair.offer(1, 20_000_000);
      pair.commit(1);
      pair.disconnect();
      pair.settle();
    }
    expect(pair.ends.map((end) => end.htlcs.length)).toEqual([3, 3]);
    const { yourLastPerCommitmentSecret } = (pair.disconnect(), pair.ends[0].reestablish(bytes.secretOfPeer!(0)));
    expect(yourLastPerCommitmentSecret).toEqual(revocationSecretOf(secrets[1], pair.ends[0].remoteNumber - 1));
  });
});

describe('a write left out before the message that needs it', () => {
  test('of a signature: the other end holds a commitment that this one knows nothing of', () => {
    const pair = new Pair({ forgetsToWriteBefore: 'commitment_signed' });
    pair.offer(0, 20_000_000);
    pair.commit(0);
    pair.deliver(0);
    pair.deliver(0);
    pair.crash(0);
    pair.connect();
    expect(pair.deliver(1)).toBe('reestablish-commitment-number');
  });

  test('of a revocation: this end takes a revoked commitment for its latest', () => {
    const pair = new Pair({ forgetsToWriteBefore: 'revoke_and_ack' });
    pair.offer(0, 20_000_000);
    pair.commit(0);
    pair.deliver(0);
    pair.deliver(0);
    pair.deliver(1);
    pair.crash(1);
    pair.connect();
    expect(pair.deliver(0)).toBe('fell-behind');
  });

  test('of shutdown: this end offers an HTLC in spite of it', () => {
    const pair = new Pair({ forgetsToWriteBefore: 'shutdown' });
    pair.shutdown(0);
    pair.deliver(0);
    pair.crash(0);
    pair.settle();
    expect(pair.offer(0, 20_000_000)).toBe(true);
    expect(pair.deliver(0)).toBe('add-after-shutdown');
  });
});

test('a snapshot is plain data, and an end made of it says the same', () => {
  const pair = new Pair();
  for (const side of [0, 1] as const) pair.offer(side, 20_000_000);
  pair.fee(3000);
  pair.settle();
  pair.offer(0, 1_000_000);
  pair.fee(4000);
  pair.commit(0);
  const snapshot = pair.ends[0].snapshot(() => 'tag');
  expect(structuredClone(snapshot)).toEqual(snapshot);
  const before = pair.ends[0];
  pair.crash(0);
  for (const which of ['local', 'remote', 'remote-before'] as const)
    expect(pair.ends[0].spec(which)).toEqual(before.spec(which));
  expect(pair.ends[0].history).toEqual(before.history);
});

test('shutdown may be sent once, with no update of the sender unsigned', () => {
  const pair = new Pair();
  pair.offer(0, 20_000_000);
  expect(pair.shutdown(0)).toBe(false);
  pair.deliver(0);
  expect(pair.ends[1].shutdownViolation()).toBe('shutdown-with-pending-updates');
  pair.commit(0);
  expect(pair.shutdown(0)).toBe(true);
  expect(pair.shutdown(0)).toBe(false);
  pair.settle();
  expect(pair.ends[1].shutdownViolation()).toBe('shutdown-twice');
  expect(pair.ends.map((end) => [end.phase, end.mayNegotiateClosing])).toEqual([
    ['shutting-down', false],
    ['shutting-down', false],
  ]);
});
