import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/base/errors.ts';
import { present } from '../../../src/base/assert.ts';
import { formatImportReport, type RemedyKind } from '../../../src/io/graphs/graphReport.ts';
import { readLndGraph, writeLndGraph } from '../../../src/io/graphs/lndGraph.ts';
import { arbitraryGraph, contents } from '../../graph/arbitraries.ts';
import { needsShared, sharedFile } from '../../shared.ts';

const A = `02${'aa'.repeat(32)}`;
const B = `03${'bb'.repeat(32)}`;

type Fields = Record<string, unknown>;

const policy = (changes: Fields = {}): Fields => ({
  time_lock_delta: 80,
  min_htlc: '1000',
  fee_base_msat: '1000',
  fee_rate_milli_msat: '1',
  disabled: false,
  max_htlc_msat: '990000000',
  ...changes,
});

const edge = (changes: Fields = {}): Fields => ({
  channel_id: '592953426720391169',
  node1_pub: A,
  node2_pub: B,
  capacity: '1000000',
  node1_policy: policy(),
  node2_policy: policy(),
  ...changes,
});

const nodes = [
  { pub_key: A, alias: 'alice' },
  { pub_key: B, alias: 'bob' },
];

const dump = (edges: readonly unknown[], listed: readonly unknown[] = nodes): string =>
  JSON.stringify({ nodes: listed, edges });

const read = (text: string): ReturnType<typeof readLndGraph> => readLndGraph(text, 'dump.json');

/** Kinds with their counts. */
const remedies = (text: string): Partial<Record<RemedyKind, number>> =>
  Object.fromEntries(read(text).report.remedies.map(({ kind, count }) => [kind, count]));

/** The policy of the sound channel's node1 after these changes to it, with the remedy it took. */
function repaired(changes: Fields, disabledBefore = false): unknown[] {
  const { graph, report } = read(dump([edge({ node1_policy: policy({ disabled: disabledBefore, ...changes }) })]));
  return [report.remedies.map(({ kind }) => kind), graph.getEdgeAttributes('539288x5x1').policy1];
}

describe('an lnd dump that is sound', () => {
  test('keeps node1 as the owner of policy1, and 64-bit ids exact', () => {
    const { graph, report } = read(
      dump([edge({ channel_id: '1026662385543741441', node1_policy: policy({ fee_base_msat: '7' }) })]),
    );
    expect(report.remedies).toEqual([]);
    expect(graph.edges()).toEqual(['933744x2711x1']);
    expect(graph.source('933744x2711x1')).toBe(A);
    expect(graph.getEdgeAttributes('933744x2711x1')).toEqual({
      capacitySat: 1_000_000,
      policy1: {
        feeBaseMsat: 7,
        feeProportionalMillionths: 1,
        cltvExpiryDelta: 80,
        htlcMinimumMsat: 1000,
        htlcMaximumMsat: 990_000_000,
        disabled: false,
      },
      policy2: {
        feeBaseMsat: 1000,
        feeProportionalMillionths: 1,
        cltvExpiryDelta: 80,
        htlcMinimumMsat: 1000,
        htlcMaximumMsat: 990_000_000,
        disabled: false,
      },
    });
  });

  test('two ids that a JSON number would confuse stay apart', () => {
    const ids = ['1026662385543741441', '1026662385543741442'];
    expect(Number(ids[0])).toBe(Number(ids[1]));
    expect(read(dump(ids.map((channel_id) => edge({ channel_id })))).graph.size).toBe(2);
  });

  test('an alias keeps its emoji, quotes and control characters, and the report escapes none of them wrongly', () => {
    const alias = '🐙⚡ "\u001b[31m"\u202e';
    const { graph } = read(dump([edge()], [{ pub_key: A, alias }, nodes[1]]));
    expect(graph.getNodeAttribute(A, 'alias')).toBe(alias);
  });
});

describe('an lnd dump with flaws that can be repaired', () => {
  const sound = edge();
  const other = (changes: Fields): Fields => edge({ channel_id: '1', ...changes });

  // prettier-ignore
  test.each<[RemedyKind, unknown[], unknown[]]>([
    ['unknownNode',      [sound, other({ node1_pub: `02${'cc'.repeat(32)}` })], nodes],
    ['selfLoop',         [sound, other({ node2_pub: A })],                     nodes],
    ['capacityZero',     [sound, other({ capacity: '0' })],                    nodes],
    ['capacityTooLarge', [sound, other({ capacity: '9007199254741' })],        nodes],
    ['capacityTooLarge', [sound, other({ capacity: '9'.repeat(400) })],        nodes],
    ['channelRepeated',  [sound, edge({ capacity: '5' })],                     nodes],
    ['nodeRepeated',     [sound],                                              [...nodes, { pub_key: A, alias: 'mallory' }]],
  ])('%s: the flawed one goes, the rest stays', (kind, edges, listed) => {
    const { graph, report } = read(dump(edges, listed));
    expect(report.remedies.map((remedy) => [remedy.kind, remedy.count])).toEqual([[kind, 1]]);
    expect(contents(graph)).toEqual(contents(read(dump([sound])).graph));
  });

  const usual = {
    feeBaseMsat: 1000, feeProportionalMillionths: 1, cltvExpiryDelta: 80,
    htlcMinimumMsat: 1000, htlcMaximumMsat: 990_000_000, disabled: false,
  }; // prettier-ignore

  // prettier-ignore
  test.each<[string, Fields, unknown[]]>([
    ['an absent maximum is the capacity',       { max_htlc_msat: undefined },                 [['maximumAbsent'], { ...usual, htlcMaximumMsat: 1_000_000_000 }]],
    ['a maximum of zero is the capacity',       { max_htlc_msat: '0' },                       [['maximumAbsent'], { ...usual, htlcMaximumMsat: 1_000_000_000 }]],
    ['a maximum over the capacity is cut',      { max_htlc_msat: '18446744073709551615' },    [['maximumOverCapacity'], { ...usual, htlcMaximumMsat: 1_000_000_000 }]],
    ['u32 fees are kept',                       { fee_base_msat: '4294967295', fee_rate_milli_msat: '4294967295' }, [[], { ...usual, feeBaseMsat: 4294967295, feeProportionalMillionths: 4294967295 }]],
    ['a fee over u32 is cut',                   { fee_base_msat: '4294967296' },              [['feeTooLarge'], { ...usual, feeBaseMsat: 4294967295 }]],
    ['a minimum over the maximum disables',     { min_htlc: '990000001' },                    [['minimumOverMaximum'], { ...usual, htlcMinimumMsat: 990_000_001, disabled: true }]],
    ['a huge minimum stays an exact integer',   { min_htlc: '9'.repeat(30) },                 [['minimumOverMaximum'], { ...usual, htlcMinimumMsat: Number.MAX_SAFE_INTEGER, disabled: true }]],
    ['a delta that no payer accepts disables',  { time_lock_delta: 2017 },                    [['cltvTooLarge'], { ...usual, cltvExpiryDelta: 2017, disabled: true }]],
    ['a delta over 16 bits is cut',             { time_lock_delta: 70_000 },                  [['cltvTooLarge'], { ...usual, cltvExpiryDelta: 65_535, disabled: true }]],
    ['an inbound fee is left out and said so',  { inbound_fee_rate_milli_msat: -500 },        [['inboundFee'], usual]],
    ['no inbound fee is no flaw',               { inbound_fee_rate_milli_msat: 0, inbound_fee_base_msat: '0' }, [[], usual]],
    ['disabled may be absent',                  { disabled: undefined },                      [[], usual]],
  ])('%s', (_name, changes, expected) => {
    expect(repaired(changes)).toEqual(expected);
  });

  const zeroes = {
    time_lock_delta: 0,
    min_htlc: '0',
    fee_base_msat: '0',
    fee_rate_milli_msat: '0',
    max_htlc_msat: '0',
  };

  test('a disabled direction of zeroes stays disabled: its terms are unknown, not free', () => {
    expect(repaired(zeroes, true)).toEqual([
      ['policyBlank'],
      { feeBaseMsat: 0, feeProportionalMillionths: 0, cltvExpiryDelta: 0, htlcMinimumMsat: 0, htlcMaximumMsat: 1_000_000_000, disabled: true },
    ]); // prettier-ignore
  });

  test('an enabled direction of zeroes was never announced', () => {
    expect(repaired(zeroes)).toEqual([['policyZero'], null]);
  });

  test('a null policy and an absent one are directions never announced', () => {
    expect(remedies(dump([edge({ node1_policy: null, node2_policy: undefined })]))).toEqual({ policyNull: 2 });
  });

  test('an alias is cut to 32 bytes between characters', () => {
    const { graph, report } = read(dump([edge()], [{ pub_key: A, alias: `${'x'.repeat(30)}🐙` }, nodes[1]]));
    expect(graph.getNodeAttribute(A, 'alias')).toBe('x'.repeat(30));
    expect(report.remedies).toEqual([{ kind: 'aliasTooLong', count: 1, first: 'nodes[0]' }]);
    const whole = read(dump([edge()], [{ pub_key: A, alias: '🐙'.repeat(8) }, nodes[1]]));
    expect(whole.graph.getNodeAttribute(A, 'alias')).toBe('🐙'.repeat(8));
  });

  test('names serve where there are no keys, and one that JavaScript keeps for itself harms nothing', () => {
    const inherited = Object.getOwnPropertyNames(Object.prototype);
    const names = ['alice', '__proto__', 'constructor'];
    const { graph, report } = read(
      dump(
        [
          edge({ node1_pub: 'alice', node2_pub: '__proto__' }),
          edge({ channel_id: '7', node1_pub: 'constructor', node2_pub: '__proto__' }),
        ],
        names.map((pub_key) => ({ pub_key })),
      ),
    );
    expect(graph.nodes()).toEqual(['alice', '__proto__~', 'constructor~']);
    expect(graph.neighbors('__proto__~')).toEqual(['alice', 'constructor~']);
    expect(report.remedies.map(({ kind, count }) => [kind, count])).toEqual([['nodeNotKey', 3], ['nodeReserved', 2]]); // prettier-ignore
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(inherited);
  });

  test('the report prints a line a kind, aligned, with the first place', () => {
    const zero = edge({ capacity: '0' });
    const text = formatImportReport(
      read(dump([edge(), ...Array.from({ length: 1200 }, () => zero), other({ node2_pub: A })])).report,
    );
    expect(text.split('\n')).toEqual([
      'Read dump.json (lnd): kept all 2 nodes, 1 of 1,202 channels',
      '      1  channel from a node to itself: dropped; first: edges[1201]',
      '  1,200  channel without capacity: dropped; first: edges[1]',
    ]);
  });
});

describe('an lnd dump that is wrong', () => {
  // prettier-ignore
  test.each<[string, string]>([
    ['[]',                                                        'dump.json: found a list of 0, expected an object'],
    ['{"edges":[]}',                                              'dump.json: nodes: found nothing, expected a list'],
    ['{"nodes":[],"edges":{}}',                                   'dump.json: edges: found an object, expected a list'],
    [dump([]),                                                    'dump.json: edges: found no channel, expected at least one channel between two listed nodes'],
    [dump([edge()], []),                                          'dump.json: edges: found 1 channels, none of which can be kept (unknownNode 1), expected at least one channel between two listed nodes'],
    [dump([edge(), 7]),                                           'dump.json: edges[1]: found 7, expected an object'],
    [dump([edge({ node1_pub: 7 })]),                              'dump.json: edges[0].node1_pub: found 7, expected text'],
    [dump([edge({ node1_pub: '' })]),                             'dump.json: edges[0].node1_pub: found "", expected text'],
    [dump([edge({ node2_pub: 'x'.repeat(67) })]),                 'dump.json: edges[0].node2_pub: found text of 67 characters, expected at most 66 characters'],
    [dump([edge({ capacity: '-5' })]),                            'dump.json: edges[0].capacity: found "-5", expected a non-negative integer'],
    [dump([edge({ capacity: 1.5 })]),                             'dump.json: edges[0].capacity: found 1.5, expected a non-negative integer'],
    [dump([edge({ capacity: null })]),                            'dump.json: edges[0].capacity: found null, expected a non-negative integer'],
    [dump([edge({ channel_id: 'abc' })]),                         'dump.json: edges[0].channel_id: found "abc", expected a 64-bit short channel id as text (a JSON number loses its last digits)'],
    [dump([edge({ channel_id: '18446744073709551616' })]),        'dump.json: edges[0].channel_id: found "18446744073709551616", expected a 64-bit short channel id as text (a JSON number loses its last digits)'],
    [dump([edge({ channel_id: 1e18 })]),                          'dump.json: edges[0].channel_id: found 1000000000000000000, expected a 64-bit short channel id as text (a JSON number loses its last digits)'],
    [dump([edge({ node1_policy: 'free' })]),                      'dump.json: edges[0].node1_policy: found "free", expected an object'],
    [dump([edge({ node2_policy: policy({ fee_base_msat: '1e3' }) })]), 'dump.json: edges[0].node2_policy.fee_base_msat: found "1e3", expected a non-negative integer'],
    [dump([edge({ node2_policy: policy({ disabled: 'no' }) })]),  'dump.json: edges[0].node2_policy.disabled: found "no", expected true or false'],
    [dump([edge()], [{ pub_key: A, alias: 5 }, nodes[1]]),        'dump.json: nodes[0].alias: found 5, expected text'],
    [dump([edge({ capacity: '\u001b[2J' })]),                     'dump.json: edges[0].capacity: found "\\u001b[2J", expected a non-negative integer'],
    ['{"nodes":[',                                                'dump.json: line 1, column 11: found the end of the text, expected a JSON value'],
  ])('%s', (text, message) => {
    expect(() => read(text)).toThrow(UserError);
    expect(() => read(text)).toThrow(message);
  });
});

describe('lnd dumps at random', () => {
  test('what is written is read back, and a sound graph needs no remedy but for what it says itself', () => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const { graph: back, report } = readLndGraph(writeLndGraph(graph), 'x');
        expect(contents(back)).toEqual(contents(graph));
        const said: RemedyKind[] = ['nodeNotKey', 'policyNull'];
        expect(report.remedies.map(({ kind }) => kind).filter((kind) => !said.includes(kind))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('a corrupted dump gives a graph with its report or a UserError, and a graph that is given survives writing', () => {
    const junk = fc.constantFrom<unknown>(
      null,
      '',
      '0',
      '-1',
      '1e9',
      '9'.repeat(25),
      0,
      -1,
      2 ** 53,
      1e300,
      true,
      [],
      {},
      'x',
      { __proto__: null },
      '18446744073709551615',
      '\ud800',
    );
    const outcomes = { graphs: 0, errors: 0 };
    fc.assert(
      fc.property(
        arbitraryGraph,
        fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 2 }),
        fc.option(fc.nat()),
        (graph, changes, cut) => {
          const document: unknown = JSON.parse(writeLndGraph(graph));
          for (const [at, value] of changes) corrupt(document, at, value);
          let text = JSON.stringify(document);
          if (cut !== null && cut % 4 === 0) text = text.slice(0, cut % text.length);
          try {
            const { graph: read, report } = readLndGraph(text, 'x');
            outcomes.graphs++;
            expect(read.size).toBe(report.channelsKept);
            expect(contents(readLndGraph(writeLndGraph(read), 'x').graph)).toEqual(contents(read));
          } catch (error) {
            if (!(error instanceof UserError)) throw error;
            outcomes.errors++;
          }
        },
      ),
      { numRuns: 1500 },
    );
    expect(outcomes.graphs).toBeGreaterThan(100);
    expect(outcomes.errors).toBeGreaterThan(100);
  });
});

/** Puts `value` in the place of the `at`-th value of a document, counted around. */
function corrupt(document: unknown, at: number, value: unknown): void {
  const places: [Record<string, unknown>, string][] = [];
  const visit = (inside: unknown): void => {
    if (typeof inside !== 'object' || inside === null) return;
    for (const key of Object.keys(inside)) {
      const object = inside as Record<string, unknown>;
      places.push([object, key]);
      visit(object[key]);
    }
  };
  visit(document);
  if (places.length === 0) return;
  const [object, key] = present(places[at % places.length], 'a place');
  object[key] = value;
}

describe('real dumps', () => {
  const text = (path: string): string => {
    const bytes = readFileSync(present(sharedFile(path), path));
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  };

  // prettier-ignore
  const files = [
    ['data/small/LN_10.json',      10,  13, { }],
    ['data/small/LN_50.json.gz',   50,  78, { }],
    ['data/small/LN_100.json.gz',  99, 533, { }],
    ['data/mainnet-2026/describegraph.json.gz', 17_324, 50_808, { policyNull: 1, policyBlank: 35_806 }],
  ] as const;

  for (const [path, nodeCount, channelCount, flaws] of files) {
    needsShared(path)(`${path} is read whole, and comes back from what is written`, () => {
      const { graph, report } = readLndGraph(text(path), path);
      expect([graph.order, graph.size]).toEqual([nodeCount, channelCount]);
      expect(Object.fromEntries(report.remedies.map(({ kind, count }) => [kind, count]))).toEqual(flaws);
      const back = readLndGraph(writeLndGraph(graph), path).graph;
      let same = 0;
      back.forEachEdge((id, attributes, node1, node2) => {
        const before = graph.getEdgeAttributes(id);
        if (JSON.stringify([graph.extremities(id), before]) === JSON.stringify([[node1, node2], attributes])) same++;
      });
      expect(same).toBe(channelCount);
    });
  }
});
