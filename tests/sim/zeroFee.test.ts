/** Zero-fee commitments in a world: what pays nothing itself is carried into blocks by children on its shared anchor. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { txidOf, weightOf, type Transaction } from '../../src/chain/transaction.ts';
import { TRUC_CHILD_MAX_VSIZE, TRUC_MAX_VSIZE, TRUC_VERSION } from '../../src/chain/truc.ts';
import { MAX_SHARED_ANCHOR_SAT, MOST_ACCEPTED_HTLCS_TRUC } from '../../src/channel/commitmentFormat.ts';
import type { RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { runSmall } from './smallWorld.ts';

const CAPACITY_SAT = 5_000_000;

type Closure = NonNullable<ScenarioInput['closures']>[number];

/** Two nodes and a channel with half of it on either side, closed that way. */
const closed = (closure: Omit<Closure, 'channel' | 'at'>, more: Partial<ScenarioInput> = {}): RunResult =>
  runSmall({
    topology: { generate: 'line', nodes: 2 },
    channels: { format: 'zero_fee_commitments', liquidity: 'balanced' },
    traffic: { payments: 0 },
    closures: [{ channel: '#0', at: 10, ...closure }],
    ...more,
  });

/** The confirmed transactions of a kind, as they stand in blocks. */
function ofKind({ world }: RunResult, kind: string): Transaction[] {
  const wanted = new Set(world.transactions.filter((each) => each.kind === kind).map(({ txid }) => txid));
  return world.transactions
    .map(({ height }) => height)
    .filter((height, index, all) => all.indexOf(height) === index)
    .flatMap((height) => world.chain.blockAt(height).block.transactions)
    .filter((transaction) => wanted.has(txidOf(transaction)));
}

const vsizeOf = (transaction: Transaction): number => Math.ceil(weightOf(transaction) / 4);

describe('a channel of zero-fee commitments', () => {
  test('closes by force as a package of two: the commitment without a fee, its child with both fees', () => {
    const result = closed({
      kind: 'unilateral',
      pending: [
        { from: 'closer', count: 2, amountSat: 20_000, outcome: 'claim' },
        { from: 'peer', count: 2, amountSat: 20_000, outcome: 'claim' },
        { from: 'closer', amountSat: 30_000, outcome: 'timeout' },
        { from: 'peer', amountSat: 30_000, outcome: 'timeout' },
      ],
    });
    const { summary, world } = result;
    const [commitment] = ofKind(result, 'commitment');
    const [child] = ofKind(result, 'anchor');
    expect([commitment!.version, child!.version]).toEqual([TRUC_VERSION, TRUC_VERSION]);
    expect(vsizeOf(child!)).toBeLessThanOrEqual(TRUC_CHILD_MAX_VSIZE);
    expect(child!.inputs[0]!.prevout.txid).toBe(txidOf(commitment!));
    // nothing was trimmed, so the anchor is worth nothing and all of the fee is the child's: 5 sat a virtual byte
    expect(world.transactions.find(({ kind }) => kind === 'commitment')?.feeSat).toBe(0);
    const feeSat = world.transactions.find(({ kind }) => kind === 'anchor')!.feeSat;
    expect(Math.round((feeSat * 4) / (weightOf(commitment!) + weightOf(child!)))).toBe(5);
    const [closing] = summary.closings;
    // what each sent the other was claimed, what timed out came back
    expect([closing!.node1.owedMsat, closing!.node2.owedMsat]).toEqual([2_500_000_000, 2_500_000_000]);
    // every satoshi that is not a fee reaches a wallet: there are no anchors to leave behind
    expect(closing!.node1.gotSat + closing!.node2.gotSat).toBe(CAPACITY_SAT - closing!.feesSat);
    // HTLC transactions are of version 3 too, and pay by the wallet's inputs
    for (const kind of ['htlc-success', 'htlc-timeout']) {
      const made = ofKind(result, kind);
      expect(made.map(({ version }) => version)).toEqual([TRUC_VERSION]);
      expect(made[0]!.inputs.length).toBeGreaterThan(made[0]!.outputs.length - 1);
    }
    expect(world.holdings.contractsSat).toBe(0);
  });

  test('what is too small for an output goes to the shared anchor, and pays for the child', () => {
    const result = closed({ kind: 'unilateral', pending: [{ from: 'closer', amountSat: 200, outcome: 'timeout' }] });
    const [commitment] = ofKind(result, 'commitment');
    expect(commitment!.outputs.map(({ valueSat }) => valueSat)).toContain(200);
    expect(result.summary.chain.byKind.commitment?.feesSat).toBe(0);
  });

  test('beyond what an anchor holds as dust, the commitment pays a fee itself', () => {
    const result = closed({
      kind: 'unilateral',
      pending: [{ from: 'closer', count: 3, amountSat: 200, outcome: 'timeout' }],
    });
    const [commitment] = ofKind(result, 'commitment');
    expect(commitment!.outputs.map(({ valueSat }) => valueSat)).toContain(MAX_SHARED_ANCHOR_SAT);
    expect(result.summary.chain.byKind.commitment?.feesSat).toBe(600 - MAX_SHARED_ANCHOR_SAT);
  });

  test('a cheater pays to have its theft mined, and loses the whole channel', () => {
    const { result, marks } = marksDuring(() =>
      closed({
        kind: 'revoked',
        pending: [
          { from: 'closer', amountSat: 20_000, outcome: 'claim' },
          { from: 'peer', amountSat: 20_000, outcome: 'timeout' },
        ],
      }),
    );
    const [closing] = result.summary.closings;
    expect(closing?.kind).toBe('revoked-punished');
    expect(closing!.node1.gotSat).toBeLessThan(0);
    // the victim has every output: capacity less what its own transactions cost
    const anchorFee = result.world.transactions.find(({ kind }) => kind === 'anchor')!.feeSat;
    expect(closing!.node1.gotSat).toBe(-anchorFee);
    expect(closing!.node2.gotSat).toBe(CAPACITY_SAT - (closing!.feesSat - anchorFee));
    expect(marks.get('penalty planned')).toBe(1);
    expect(marks.get('a child pays for a commitment')).toBe(1);
  });

  test('as many HTLCs as the format allows are claimed in pieces that version 3 allows', () => {
    const result = closed({
      kind: 'unilateral',
      pending: [{ from: 'peer', count: 200, amountSat: 20_000, outcome: 'claim' }],
    });
    // 114 fit, the others were refused
    expect(result.summary.notes.filter((note) => note.includes('could not carry'))).toHaveLength(
      200 - MOST_ACCEPTED_HTLCS_TRUC,
    );
    expect(result.summary.closings[0]?.node1.owedMsat).toBe(2_500_000_000 + MOST_ACCEPTED_HTLCS_TRUC * 20_000_000);
    const made = ofKind(result, 'htlc-success');
    expect(made.length).toBeGreaterThan(1);
    for (const each of made) expect(vsizeOf(each)).toBeLessThanOrEqual(TRUC_MAX_VSIZE);
  });

  test('a closer with an empty wallet leaves it to its peer', () => {
    // node1 owns nothing in the channel: what it would pay for its commitment is more than it could win
    const { summary } = closed(
      { kind: 'unilateral', by: 'node2' },
      {
        channels: {
          format: 'zero_fee_commitments',
          liquidity: 'opener',
          opener: 'node1',
          reserveMillionths: 0,
        },
      },
    );
    expect([summary.settled, summary.channels.open]).toEqual([true, 0]);
    expect(summary.closings[0]!.node2.gotSat).toBe(0);
    expect(summary.closings[0]!.node1.gotSat).toBeGreaterThan(CAPACITY_SAT - 10_000);
  });

  test('a theft that is not worth its fee is none: the other end closes the channel', () => {
    // node2 owned nothing in the commitment that it goes back to
    const { result, marks } = marksDuring(() =>
      closed(
        {
          kind: 'revoked-unpunished',
          by: 'node2',
          pending: [{ from: 'peer', amountSat: 20_000, outcome: 'claim' }],
        },
        { channels: { format: 'zero_fee_commitments', liquidity: 'opener', opener: 'node1' } },
      ),
    );
    expect(marks.get('a theft that is not worth its fee')).toBe(1);
    expect(result.summary.notes).toContain('the theft in channel #0 was not worth the fee of its commitment');
    expect(result.summary.closings[0]?.kind).toBe('unilateral');
    expect([result.summary.settled, result.summary.channels.open]).toEqual([true, 0]);
  });

  test('payments, agreed closings and a fee rate of zero go together', () => {
    const { summary } = runSmall({
      topology: { generate: 'ring', nodes: 5 },
      channels: { format: 'zero_fee_commitments' },
      traffic: { payments: 100, rate: 10 },
    });
    expect(summary.channels.closed).toMatchObject({ mutual: 5, unilateral: 0 });
    expect(summary.channels.withoutAnchors).toBe(0);
    expect(summary.payments.succeeded).toBeGreaterThan(0);
  });
});

test('HTLC slots that the format lacks are cut with a note, unless they are the default or for theory', () => {
  const notesOf = (maxAcceptedHtlcs: number, format: 'zero_fee_commitments' | 'anchors' = 'zero_fee_commitments') =>
    runSmall({
      topology: { generate: 'line', nodes: 2 },
      channels: { format, maxAcceptedHtlcs },
      traffic: { payments: 0 },
      settle: 'none',
    }).summary.notes;
  const note = 'maxAcceptedHtlcs: 114 in place of 300, for zero_fee_commitments allows no more';
  expect(notesOf(300)).toEqual([note]);
  for (const each of [1, MOST_ACCEPTED_HTLCS_TRUC, 483, 600]) expect(notesOf(each)).toEqual([]);
  expect(notesOf(300, 'anchors')).toEqual([]);
});
