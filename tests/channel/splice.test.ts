/** Splices: two ends with real signatures on a real chain, and what holds of every candidate. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { msat, sat } from '../../src/base/units.ts';
import { p2wpkh, p2wsh } from '../../src/chain/script.ts';
import { type Transaction, txidOf } from '../../src/chain/transaction.ts';
import { addRefusal, spendableMsat } from '../../src/channel/allowance.ts';
import type { ChannelEnd } from '../../src/channel/channelEnd.ts';
import { ChannelLedger } from '../../src/channel/channelLedger.ts';
import { restoreLedger } from '../../src/channel/channelSnapshot.ts';
import type { CommitmentSpec } from '../../src/channel/commitmentSpec.ts';
import { channelPoints } from '../../src/channel/keys.ts';
import { materialiseCommitment, type ChannelMaterial } from '../../src/channel/materialise.ts';
import {
  hasPendingUpdate,
  NOT_QUIESCENT,
  receiveStfu,
  sendStfu,
  type Quiescence,
} from '../../src/channel/quiescence.ts';
import { fundingScript } from '../../src/channel/scripts.ts';
import type { SharedInput, SharedTransaction } from '../../src/channel/sharedTransaction.ts';
import {
  candidateMaterial,
  fundingSecrets,
  spliceAddRefusal,
  spliceAddViolation,
  splicedLedger,
  splicedSpec,
  spliceReserveSat,
  spliceSpendableMsat,
  type SpliceCandidate,
} from '../../src/channel/spliceCandidate.ts';
import type { SpliceMessage } from '../../src/channel/spliceMessages.ts';
import {
  completeSplice,
  disconnectSplice,
  nextFunding,
  offerSplice,
  receiveSplice,
  resumeSplice,
  spliceDepth,
} from '../../src/channel/spliceNegotiation.ts';
import { eagerSpliceSigner, ledgerSpliceSigner } from '../../src/channel/spliceSigner.ts';
import { NO_SPLICES, type SpliceContext, type Splices, type SpliceStep } from '../../src/channel/spliceState.ts';
import { fundedWorld, type Owned, type World } from '../chain/wallet.ts';
import { CHAIN_LIMITS, fundChannel, mustAccept, signCoin } from './onChain.ts';
import { Pair } from './pair.ts';

type Two<T> = [T, T];
const CAPACITY = 1_000_000;
const OUT_SCRIPT = p2wpkh(new Uint8Array(33).fill(5));

/** An end's ledger, as a copy. */
function ledgerOf(end: ChannelEnd<null>): ChannelLedger<null> {
  const ledger = new ChannelLedger<null>({
    terms: end.terms,
    localLimits: CHAIN_LIMITS,
    remoteLimits: CHAIN_LIMITS,
    isOpener: end.isOpener,
    toLocalMsat: msat(1000 * end.terms.capacitySat),
    toRemoteMsat: msat(0),
  });
  restoreLedger(
    ledger,
    end.snapshot((tag) => tag),
    (tag) => tag,
  );
  return ledger;
}

/** A quiet channel with an HTLC each way. */
function quietPair(): Pair {
  const pair = new Pair({ limits: CHAIN_LIMITS, terms: { feeratePerKw: 1000 }, toOpenerMsat: 600_000_000 });
  pair.offer(0, 50_000_000);
  pair.offer(1, 30_000_000);
  pair.settle();
  return pair;
}

/** Both ends say `stfu`, `asking` first. */
function hush(ledgers: Two<ChannelLedger<null>>, asking: 0 | 1): Two<Quiescence> {
  const quiet: Two<Quiescence> = [NOT_QUIESCENT, NOT_QUIESCENT];
  for (const from of [asking, (1 - asking) as 0 | 1]) {
    const to = (1 - from) as 0 | 1;
    const said = sendStfu(quiet[from], ledgers[from]);
    quiet[from] = said.quiescence;
    const heard = receiveStfu(quiet[to], ledgers[to], said.send);
    if (typeof heard === 'string') throw new Error(heard);
    quiet[to] = heard;
  }
  return quiet;
}

interface Setup {
  readonly world: World;
  readonly material: ChannelMaterial;
  readonly ledgers: Two<ChannelLedger<null>>;
  contexts: Two<SpliceContext>;
  splices: Two<Splices>;
  readonly broadcasts: Transaction[];
  /** why tries were given up, by whoever did */
  readonly aborts: string[];
}

function setUp(
  answerSat: number | null = -100_000,
  change: Partial<SpliceContext> = {},
  how: 'eager' | 'ledger' = 'eager',
): Setup {
  const world = fundedWorld(6);
  const material = fundChannel(world, world.coins[0]!, 'anchors_zero_fee_htlc_tx', CAPACITY);
  const pair = quietPair();
  const ledgers: Two<ChannelLedger<null>> = [ledgerOf(pair.ends[0]), ledgerOf(pair.ends[1])];
  const quiescence = hush(ledgers, 0);
  const contextOf = (side: 0 | 1): SpliceContext => ({
    ledger: ledgers[side],
    quiescence: quiescence[side],
    isReady: true,
    isShuttingDown: false,
    zeroConf: false,
    hasLowerNodeId: side === 0,
    funding: material.funding,
    signer:
      how === 'eager'
        ? eagerSpliceSigner({ opened: material, current: material, side, ledger: ledgers[side] })
        : ledgerSpliceSigner({ current: material }),
    fundingKeys: (keyIndex) => {
      const keys = material.secrets.map((each) => channelPoints(fundingSecrets(each, keyIndex)).funding);
      return [keys[0]!, keys[1]!];
    },
    witness: (unsigned, { prevout, valueSat, script }) => {
      const signed = signCoin(unsigned, { outPoint: prevout, output: { valueSat, script } }, world.key);
      return signed.inputs.find((each) => each.prevout === prevout || each.witness.length > 0)!.witness;
    },
    answer: () => (answerSat === null ? null : { contributionSat: answerSat }),
    leastFeeratePerKw: 253,
    ...change,
  });
  return {
    world,
    material,
    ledgers,
    contexts: [contextOf(0), contextOf(1)],
    splices: [NO_SPLICES, NO_SPLICES],
    broadcasts: [],
    aborts: [],
  };
}

const inputOf = (coin: Owned, serialId: number): SharedInput => ({
  serialId,
  prevout: coin.outPoint,
  ...coin.output,
  sequence: 0xfffffffd,
  witnessWeight: 108,
});

/** What the initiator's wallet and the other's make of their contributions: a coin in with change, or an output. */
function sharedOf(
  setup: Setup,
  initiator: 0 | 1,
  contributions: Two<number>,
  feeratePerKw: number,
  feesSat: Two<number>,
  coinIndex = 1,
): SharedTransaction {
  const { world, material, contexts, splices } = setup;
  const part = (role: 0 | 1): SharedTransaction['initiator'] => {
    const contributionSat = contributions[role];
    const feeSat = feesSat[role];
    if (contributionSat < 0) {
      const valueSat = sat(-contributionSat - feeSat);
      return { inputs: [], outputs: [{ serialId: 10 + role, valueSat, script: OUT_SCRIPT }], contributionSat };
    }
    if (contributionSat === 0 && feeSat === 0) return { inputs: [], outputs: [], contributionSat };
    const coin = world.coins[coinIndex + role]!;
    const change = { valueSat: sat(coin.output.valueSat - contributionSat - feeSat), script: world.key.script };
    return {
      inputs: [inputOf(coin, 20 + role)],
      outputs: [{ serialId: 30 + role, ...change }],
      contributionSat,
    };
  };
  const keyIndex = present(splices[initiator].attempt, 'an attempt').keyIndex;
  const keys = contexts[initiator].fundingKeys(keyIndex);
  const [a, b] = material.points;
  return {
    feeratePerKw,
    lockTime: 0,
    funding: {
      serialId: 2,
      valueSat: sat(CAPACITY + contributions[0] + contributions[1]),
      script: p2wsh(fundingScript(...keys)),
    },
    previous: {
      serialId: 4,
      prevout: material.funding,
      valueSat: sat(CAPACITY),
      script: p2wsh(fundingScript(a.funding, b.funding)),
      sequence: 0xfffffffd,
      witnessWeight: 220,
    },
    initiator: part(0),
    other: part(1),
  };
}

/** What a step made of an end, and its messages on the wire. */
function take(setup: Setup, side: 0 | 1, step: SpliceStep, wire: { to: 0 | 1; message: SpliceMessage }[]): SpliceStep {
  setup.splices[side] = step.splices;
  if (step.violation !== null) throw new Error(step.violation);
  if (step.broadcast !== null) setup.broadcasts.push(step.broadcast);
  if (step.aborted !== null) setup.aborts.push(step.aborted);
  for (const message of step.send) wire.push({ to: (1 - side) as 0 | 1, message });
  return step;
}

interface Plan {
  readonly initiator: 0 | 1;
  /** the initiator's, the other's */
  readonly contributions: Two<number>;
  readonly feeratePerKw: number;
  readonly feesSat: Two<number>;
}
const PLAN: Plan = { initiator: 0, contributions: [200_000, -100_000], feeratePerKw: 1000, feesSat: [2000, 400] };

/** Delivers all; the initiator completes when it was answered. @param cutAfter messages, after which the line is dead */
function run(setup: Setup, plan: Plan, cutAfter = Infinity): void {
  const { initiator, contributions, feeratePerKw, feesSat } = plan;
  const wire: { to: 0 | 1; message: SpliceMessage }[] = [];
  const [contributionSat] = contributions;
  const wish = { contributionSat, feeratePerKw, lockTime: 0 };
  take(setup, initiator, offerSplice(setup.splices[initiator], setup.contexts[initiator], wish), wire);
  deliver(setup, wire, cutAfter, (message) => {
    if (message.type !== 'splice_ack' && message.type !== 'tx_ack_rbf') return;
    const shared = sharedOf(setup, initiator, contributions, feeratePerKw, feesSat);
    take(setup, initiator, completeSplice(setup.splices[initiator], setup.contexts[initiator], shared), wire);
  });
}

function deliver(
  setup: Setup,
  wire: { to: 0 | 1; message: SpliceMessage }[],
  cutAfter = Infinity,
  then: (message: SpliceMessage) => void = () => undefined,
): void {
  let delivered = 0;
  for (let next = wire.shift(); next !== undefined && delivered < cutAfter; next = wire.shift()) {
    const { to, message } = next;
    take(setup, to, receiveSplice(setup.splices[to], setup.contexts[to], message), wire);
    delivered++;
    then(message);
  }
}

/** Side 0's candidate and side 1's, of the last splice that both signed. */
const candidatesOf = ({ splices }: Setup): Two<SpliceCandidate> => [
  present(splices[0].pending.at(-1), 'a splice').candidate,
  present(splices[1].pending.at(-1), 'a splice').candidate,
];

describe('a splice, in by one end and out by the other', () => {
  test('is signed and confirms; its commitment says what the old one said, with both contributions, and confirms too', () => {
    const setup = setUp();
    const { world, material, ledgers, broadcasts } = setup;
    run(setup, PLAN);
    const [ours, theirs] = candidatesOf(setup);
    expect([ours.capacitySat, ours.localSat, ours.remoteSat]).toEqual([1_100_000, 200_000, -100_000]);
    expect([theirs.localSat, theirs.remoteSat, theirs.funding]).toEqual([-100_000, 200_000, ours.funding]);
    expect(broadcasts.length).toBe(2);
    expect(broadcasts[0]).toEqual(broadcasts[1]);
    const splice = broadcasts[0]!;
    expect(splice.outputs.some(({ script, valueSat }) => script === OUT_SCRIPT && valueSat === 99_600)).toBe(true);

    // until it confirms the old commitment is as good
    const before = materialiseCommitment(material, 0, ledgers[0].spec('local'));
    expect(world.pool.accept(before.transaction)).toMatchObject({ ok: true });
    mustAccept(world, splice);
    expect(world.pool.has(txidOf(before.transaction))).toBe(false);
    world.mine();
    expect(world.pool.accept(before.transaction)).toMatchObject({ ok: false });

    const after = candidateMaterial(material, ours);
    const spec = splicedSpec(ledgers[0].spec('local'), ours, true);
    const commitment = materialiseCommitment(after, 0, spec);
    mustAccept(world, commitment.transaction);
    world.mine();
    const valueOf = (kind: string): number =>
      commitment.outputs.filter((each) => each.kind === kind).reduce((sum, { valueSat }) => sum + valueSat, 0);
    expect(valueOf('htlc')).toBe(80_000);
    // 400,000 − 30,000 − 100,000; the opener pays ⌊(1124 + 2 × 172) × 1000 / 1000⌋ and 2 × 330
    expect(valueOf('to_remote')).toBe(270_000);
    expect(valueOf('to_local')).toBe(600_000 - 50_000 + 200_000 - 1468 - 660);
  });

  test('is the same in ledger form', () => {
    const [eager, ledger] = [setUp(), setUp(-100_000, {}, 'ledger')];
    run(eager, PLAN);
    run(ledger, PLAN);
    expect(ledger.broadcasts).toEqual(eager.broadcasts);
    expect(candidatesOf(ledger)).toEqual(candidatesOf(eager));
  });

  test('is replaced by a try that pays more, of either end, and the one that confirms is locked', () => {
    const setup = setUp();
    const { world, ledgers, splices, broadcasts } = setup;
    run(setup, PLAN);
    mustAccept(world, broadcasts[0]!);
    // the other end asks for silence now, takes out less, and pays for what is common
    const quiet = hush(ledgers, 1);
    setup.contexts = [
      { ...setup.contexts[0], quiescence: quiet[0], answer: () => ({ contributionSat: 200_000 }) },
      { ...setup.contexts[1], quiescence: quiet[1] },
    ];
    run(setup, { initiator: 1, contributions: [-50_000, 200_000], feeratePerKw: 3000, feesSat: [5000, 1800] });
    const [first, second] = splices[0].pending;
    expect(splices[0].pending.length).toBe(2);
    expect([second!.candidate.capacitySat, first!.candidate.capacitySat]).toEqual([1_150_000, 1_100_000]);
    expect(second!.candidate.keyIndex).toBe(first!.candidate.keyIndex + 1);
    mustAccept(world, second!.transaction);
    expect(world.pool.has(txidOf(first!.transaction))).toBe(false);
    world.mine();

    const wire: { to: 0 | 1; message: SpliceMessage }[] = [];
    const { txid } = second!.candidate.funding;
    expect(spliceDepth(setup.splices[0], txid, 2, 3).send).toEqual([]);
    const locked = [0, 1].map((side) =>
      take(setup, side as 0 | 1, spliceDepth(setup.splices[side]!, txid, 3, 3), wire),
    );
    expect(locked.map((step) => step.locked)).toEqual([null, null]);
    for (const { to, message } of wire) {
      const step = receiveSplice(setup.splices[to], setup.contexts[to], message);
      expect(step.locked?.funding).toEqual(second!.candidate.funding);
      expect(step.splices).toMatchObject({ pending: [], sentLocked: null, receivedLocked: null });
    }
  });

  test('that the other end does not want, or whose fee rate it does not like, is given up, and the channel goes on', () => {
    for (const [change, reason] of [
      [{ answer: () => null }, 'unwanted'],
      [{ leastFeeratePerKw: 1001 }, 'feerate-unacceptable'],
    ] as const) {
      const setup = setUp(0, change);
      run(setup, PLAN);
      expect(setup.splices).toEqual([NO_SPLICES, NO_SPLICES]);
      const { splices, contexts } = setup;
      const init = offerSplice(splices[0], contexts[0], { contributionSat: 1, feeratePerKw: 1000, lockTime: 0 });
      expect(receiveSplice(splices[1], contexts[1], init.send[0]!).aborted).toBe(reason);
    }
  });
});

describe('a connection that breaks', () => {
  test.each(Array.from({ length: 8 }, (_, i) => i))(
    'after %i messages leaves both ends with the splice, or neither',
    (cutAfter) => {
      const setup = setUp();
      run(setup, PLAN, cutAfter);
      setup.splices = [disconnectSplice(setup.splices[0]), disconnectSplice(setup.splices[1])];
      const wanted = setup.splices.map(nextFunding);
      const wire: { to: 0 | 1; message: SpliceMessage }[] = [];
      for (const side of [0, 1] as const) {
        const step = resumeSplice(setup.splices[side], setup.contexts[side], wanted[1 - side]!);
        take(setup, side, step, wire);
      }
      deliver(setup, wire);
      // splice_init, splice_ack, tx_complete: from the third message on both have signed a commitment for it
      const done = cutAfter >= 3;
      expect(setup.splices.map(({ pending, attempt }) => [pending.length, attempt])).toEqual(
        [0, 1].map(() => [done ? 1 : 0, null]),
      );
      if (!done) return;
      expect(candidatesOf(setup)[0].funding).toEqual(candidatesOf(setup)[1].funding);
      mustAccept(setup.world, present(setup.broadcasts[0], 'the splice'));
    },
  );
});

describe('names', () => {
  const attempted = (change: (setup: Setup) => void): Setup => {
    const setup = setUp();
    change(setup);
    return setup;
  };
  const init = { type: 'splice_init', contributionSat: 1000, feeratePerKw: 1000, lockTime: 0, keyIndex: 1 } as const;

  test('each violation of splice_init and tx_init_rbf, sent or received', () => {
    const { contexts, splices } = setUp();
    const sent = (change: Partial<SpliceContext>, state = splices[0], contributionSat = 1000): unknown =>
      offerSplice(state, { ...contexts[0], ...change }, { contributionSat, feeratePerKw: 1000, lockTime: 0 }).violation;
    const got = (change: Partial<SpliceContext>, state = splices[1], message: SpliceMessage = init): unknown =>
      receiveSplice(state, { ...contexts[1], ...change }, message).violation;
    expect([sent({}), got({})]).toEqual([null, null]);
    expect([sent({ quiescence: NOT_QUIESCENT }), got({ quiescence: NOT_QUIESCENT })]).toEqual([
      'not-quiescent',
      'not-quiescent',
    ]);
    const swapped = [contexts[1].quiescence, contexts[0].quiescence] as const;
    expect([sent({ quiescence: swapped[0] }), got({ quiescence: swapped[1] })]).toEqual([
      'not-quiescence-initiator',
      'not-quiescence-initiator',
    ]);
    expect([sent({ isReady: false }), got({ isReady: false })]).toEqual(['channel-not-ready', 'channel-not-ready']);
    expect([sent({ isShuttingDown: true }), got({ isShuttingDown: true })]).toEqual([
      'splice-after-shutdown',
      'splice-after-shutdown',
    ]);
    // 600,000,000 − 50,000,000 msat
    expect([sent({}, splices[0], -550_000), sent({}, splices[0], -550_001)]).toEqual([
      null,
      'contribution-over-balance',
    ]);
    expect(got({}, splices[1], { ...init, contributionSat: -550_001 })).toBe('contribution-over-balance');
    const busy = attempted((setup) => run(setup, PLAN, 2)).splices;
    expect([sent({}, busy[0]), got({}, busy[1])]).toEqual(['splice-already-negotiated', 'splice-already-negotiated']);
    const ack = { type: 'splice_ack', contributionSat: -370_001 } as const;
    const offered = offerSplice(splices[0], contexts[0], { contributionSat: 1, feeratePerKw: 1000, lockTime: 0 });
    expect(receiveSplice(offered.splices, contexts[0], ack).violation).toBe('contribution-over-balance');

    const rbf = { ...init, type: 'tx_init_rbf' } as const;
    expect(got({}, splices[1], rbf)).toBe('nothing-to-replace');
    const signed = attempted((setup) => run(setup, PLAN)).splices;
    expect(got({}, signed[1], init)).toBe('splice-not-locked');
    expect([sent({}, signed[0]), got({}, signed[1], rbf)]).toEqual([null, null]);
    expect([sent({ zeroConf: true }, signed[0]), got({ zeroConf: true }, signed[1], rbf)]).toEqual([
      'rbf-with-zero-conf',
      'rbf-with-zero-conf',
    ]);
    const { txid } = signed[0].pending[0]!.candidate.funding;
    expect(sent({}, { ...signed[0], sentLocked: txid })).toBe('rbf-after-locked');
    expect(got({}, { ...signed[1], receivedLocked: txid }, rbf)).toBe('rbf-after-locked');
    expect(
      got({}, signed[1], { type: 'splice_locked', txid: txidOf(setUp().world.chain.tip.block.transactions[0]!) }),
    ).toBe('unknown-splice');
  });

  test('each refusal of the transaction', () => {
    const setup = setUp();
    run(setup, PLAN, 2);
    const { splices, contexts } = setup;
    // the initiator has completed; the other end has not seen it
    const shared = present(splices[0].attempt?.built, 'the transaction').shared;
    const refusal = (change: Partial<SharedTransaction>, state = splices[1], context = contexts[1]): unknown =>
      receiveSplice(state, context, { type: 'tx_complete', shared: { ...shared, ...change } }).aborted;
    expect(refusal({})).toBeNull();
    expect(refusal({ previous: null })).toBe('not-the-current-funding');
    expect(refusal({ previous: inputOf(setup.world.coins[4]!, 4) })).toBe('not-the-current-funding');
    expect(refusal({ previous: { ...shared.previous!, valueSat: sat(1) } })).toBe('not-the-current-funding');
    expect(refusal({ initiator: { ...shared.initiator, contributionSat: 1 } })).toBe('contribution-not-as-agreed');
    expect(refusal({ lockTime: 1 })).toBe('not-as-agreed');
    expect(refusal({ feeratePerKw: 999 })).toBe('not-as-agreed');
    expect(refusal({ funding: { ...shared.funding, script: OUT_SCRIPT } })).toBe('not-as-agreed');
    expect(refusal({ funding: { ...shared.funding, valueSat: sat(1_100_001) } })).toBe('funding-of-wrong-value');
    // taking out all but less than the reserve of the new capacity
    const greedy = setUp(-365_000);
    run(greedy, { ...PLAN, contributions: [200_000, -365_000] }, 2);
    expect(greedy.aborts).toEqual(['balance-below-reserve']);
    // a replacement that pays less than what it replaces
    const signed = setUp();
    run(signed, PLAN);
    run(signed, { ...PLAN, feesSat: [1999, 400] });
    expect(signed.aborts).toEqual(['fee-below-last', 'fee-below-last']);
    expect(signed.splices.map(({ pending, attempt }) => [pending.length, attempt])).toEqual([
      [1, null],
      [1, null],
    ]);
  });

  test('each violation of what is signed', () => {
    const setup = setUp();
    run(setup, PLAN, 3);
    const { splices, contexts } = setup;
    const violation = (side: 0 | 1, message: SpliceMessage): unknown =>
      receiveSplice(splices[side], contexts[side], message).violation;
    const { candidate } = present(splices[0].attempt?.built, 'the transaction');
    const { txid } = candidate.funding;
    const good = contexts[0].signer.signCommitment(candidate);
    const signed = { type: 'commitment_signed', fundingTxid: txid, signature: good } as const;
    const elsewhere = setup.material.funding.txid;
    expect(violation(1, { ...signed, fundingTxid: elsewhere })).toBe('unknown-splice');
    expect(violation(1, { ...signed, signature: good.with(9, good[9]! ^ 1) })).toBe('invalid-signature');
    expect(violation(1, signed)).toBeNull();
    const signatures = { type: 'tx_signatures', txid, sharedInputSignature: good, witnesses: [] } as const;
    expect(violation(1, signatures)).toBe('message-out-of-order');
    const ready = receiveSplice(splices[1], contexts[1], signed).splices;
    const afterwards = (message: SpliceMessage): unknown => receiveSplice(ready, contexts[1], message).violation;
    expect(afterwards({ ...signatures, txid: elsewhere })).toBe('unknown-splice');
    expect(afterwards(signatures)).toBe('invalid-signature');
    const { unsigned, input } = present(splices[0].attempt?.built, 'the transaction');
    const shared = contexts[0].signer.signShared(unsigned, input);
    expect(afterwards({ ...signatures, sharedInputSignature: shared })).toBe('wrong-witness-count');
    for (const message of [
      { type: 'splice_ack', contributionSat: 0 },
      { type: 'tx_ack_rbf', contributionSat: 0 },
      { type: 'tx_complete', shared: present(splices[0].attempt?.built, 'it').shared },
    ] as const) {
      expect(violation(0, message)).toBe('message-out-of-order');
    }
  });
});

describe('stfu', () => {
  test('waits for what is pending, and the opener goes on where both asked at once', () => {
    const pair = quietPair();
    pair.offer(0, 1_000_000);
    const [opener, accepter] = [ledgerOf(pair.ends[0]), ledgerOf(pair.ends[1])];
    expect(() => sendStfu(NOT_QUIESCENT, opener)).toThrow('nothing of its own pending');
    const { send } = sendStfu(NOT_QUIESCENT, accepter);
    expect(send.initiator).toBe(true);
    expect(receiveStfu({ sent: null, received: send }, opener, send)).toBe('stfu-twice');
    pair.deliver(0);
    expect(receiveStfu(NOT_QUIESCENT, ledgerOf(pair.ends[1]), send)).toBe('stfu-with-pending-updates');
    const both = { sent: send, received: send };
    const { contexts, splices } = setUp();
    const wish = { contributionSat: 0, feeratePerKw: 1000, lockTime: 0 };
    expect(offerSplice(splices[0], { ...contexts[0], quiescence: both }, wish).violation).toBeNull();
    expect(offerSplice(splices[1], { ...contexts[1], quiescence: both }, wish).violation).toBe(
      'not-quiescence-initiator',
    );
  });
  test('a removal is an update of whoever received the HTLC, until it is in both commitments for good', () => {
    const pair = quietPair();
    const htlc = present(pair.removable(1)[0], 'a received HTLC');
    pair.remove(1, htlc, true);
    const pendingOf = (side: 0 | 1): unknown[] =>
      (['us', 'them'] as const).map((by) => hasPendingUpdate(ledgerOf(pair.ends[side]), by));
    expect([pendingOf(0), pendingOf(1)]).toEqual([
      [false, false],
      [true, false],
    ]);
    pair.deliver(1);
    pair.commit(1);
    expect([pendingOf(0), pendingOf(1)]).toEqual([
      [false, true],
      [true, false],
    ]);
    pair.settle();
    expect([pendingOf(0), pendingOf(1)]).toEqual([
      [false, false],
      [false, false],
    ]);
  });
});

// ── Every candidate, under any history ───────────────────────────────────────────────────────────────────────────────

const canonical = ({ htlcs, ...rest }: CommitmentSpec): unknown => ({
  ...rest,
  htlcs: htlcs.toSorted((a, b) => Number(a.offered) - Number(b.offered) || a.id - b.id),
});

test('at any moment a candidate holds its capacity to the msat, and both ends mean the same by it', () => {
  const reached = { histories: 0, refusedByCandidate: 0, added: 0 };
  const step = fc.record({
    kind: fc.constantFrom('offer', 'offer', 'deliver', 'deliver', 'deliver', 'commit', 'remove'),
    side: fc.constantFrom(0 as const, 1 as const),
    amountMsat: fc.integer({ min: 1, max: 250_000_000 }),
    fulfil: fc.boolean(),
  });
  const contribution = fc.integer({ min: -250_000, max: 250_000 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), contribution, contribution, (steps, ours, theirs) => {
      const pair = new Pair({ limits: CHAIN_LIMITS, toOpenerMsat: 500_000_000 });
      const candidateOf = (side: 0 | 1): SpliceCandidate => ({
        funding: { txid: txidOf(ANY), vout: 0 },
        capacitySat: sat(CAPACITY + ours + theirs),
        localSat: side === 0 ? ours : theirs,
        remoteSat: side === 0 ? theirs : ours,
        keyIndex: 1,
        localNumber: 0,
        remoteNumber: 0,
      });
      reached.histories++;
      for (const { kind, side, amountMsat, fulfil } of steps) {
        const candidates = [candidateOf(side)];
        if (kind === 'offer') {
          const ledger = ledgerOf(pair.ends[side]);
          const refusal = spliceAddRefusal(ledger, candidates, msat(amountMsat));
          // what the channel takes is refused only if a candidate would not
          if (refusal === null) expect(addRefusal(ledger, msat(amountMsat))).toBeNull();
          else if (addRefusal(ledger, msat(amountMsat)) === null) reached.refusedByCandidate++;
          expect(spliceSpendableMsat(ledger, candidates)).toBeLessThanOrEqual(spendableMsat(ledger));
          if (refusal !== null) continue;
          pair.offer(side, amountMsat);
          reached.added++;
        } else if (kind === 'deliver') {
          const next = pair.wires[1 - side]![0];
          const to = ledgerOf(pair.ends[side]);
          if (next?.type === 'add') {
            // the receiver is never stricter than the sender was
            expect(spliceAddViolation(to, candidates, next.amountMsat, next.expiry)).toBeNull();
          }
          expect(pair.deliver((1 - side) as 0 | 1)).toBeNull();
        } else if (kind === 'commit') pair.commit(side);
        else {
          const htlc = pair.removable(side)[0];
          if (htlc) pair.remove(side, htlc, fulfil);
        }
        for (const each of [0, 1] as const) {
          const ledger = ledgerOf(pair.ends[each]);
          const spliced = splicedLedger(ledger, candidateOf(each));
          const counted = spliced.countedMsat();
          expect([counted.local, counted.remote]).toEqual([1000 * (CAPACITY + ours + theirs), counted.local]);
          for (const view of ['local', 'remote', 'remote-before'] as const) {
            expect(spliced.spec(view)).toEqual(splicedSpec(ledger.spec(view), candidateOf(each), view === 'local'));
          }
        }
        const held = JSON.stringify(canonical(splicedLedger(ledgerOf(pair.ends[0]), candidateOf(0)).spec('local')));
        const known = (['remote', 'remote-before'] as const).map((view) =>
          JSON.stringify(canonical(splicedLedger(ledgerOf(pair.ends[1]), candidateOf(1)).spec(view))),
        );
        expect(known).toContain(held);
      }
    }),
    { numRuns: 150 },
  );
  expect(reached.refusedByCandidate).toBeGreaterThan(30);
  expect(reached.added).toBeGreaterThan(500);
});

test('a channel without a reserve keeps having none; another gets that of its new capacity', () => {
  const ledger = ledgerOf(quietPair().ends[0]);
  expect(spliceReserveSat(ledger, sat(1_150_000))).toBe(11_500);
  const candidate: SpliceCandidate = {
    funding: { txid: txidOf(ANY), vout: 0 },
    capacitySat: sat(1_150_000),
    localSat: 150_000,
    remoteSat: 0,
    keyIndex: 1,
    localNumber: 0,
    remoteNumber: 0,
  };
  expect(splicedLedger(ledger, candidate).localLimits.channelReserveSat).toBe(11_500);
  const none = new ChannelLedger<null>({
    terms: ledger.terms,
    localLimits: { ...CHAIN_LIMITS, channelReserveSat: sat(0) },
    remoteLimits: CHAIN_LIMITS,
    isOpener: true,
    toLocalMsat: msat(1e9),
    toRemoteMsat: msat(0),
  });
  expect(splicedLedger(none, candidate).localLimits.channelReserveSat).toBe(0);
});

const ANY: Transaction = { version: 2, inputs: [], outputs: [], lockTime: 0 };
