/** Which of the published vectors for channel transactions are run, how many cases each holds, and which are left out and why. */
import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { needsShared, sharedFile, sharedJson } from '../shared.ts';

const BOLTS = 'data/vectors/bolts';
const OTHERS = 'data/vectors/other-implementations';

interface Held {
  readonly cases?: readonly unknown[];
  readonly tests?: readonly unknown[];
  readonly generation?: readonly unknown[];
  readonly storage?: readonly unknown[];
}

/** By file: where its cases run, or why they don't. */
const RUN: Readonly<Record<string, string>> = {
  'bolt03-appendix-b-funding.json': 'fundingVectors.test.ts',
  'bolt03-appendix-c-commitment.json': 'bolt3Vectors.test.ts',
  'bolt03-appendix-d-secrets.json': '../crypto/bolt3Keys.test.ts',
  'bolt03-appendix-e-keys.json': '../crypto/bolt3Keys.test.ts',
  'bolt03-appendix-f-anchors.json': 'bolt3Vectors.test.ts',
  'bolt03-appendix-g-dual-funding.json': 'fundingVectors.test.ts',
  'bolt03-fee-example.json': 'fundingVectors.test.ts',
  'eclair-bolt3-zero-fee-commitment.json': 'zeroFeeVectors.test.ts',
  'lnd-test_vectors_anchors.json': 'bolt3Vectors.test.ts',
  'lnd-test_vectors_zero_fee_htlc_tx.json': 'bolt3Vectors.test.ts',
};
const LEFT_OUT: Readonly<Record<string, string>> = {
  'lnd-test_vectors_legacy.json':
    'the format before option_static_remotekey, which BOLT 2 no longer lets a channel have',
  'lnd-test_vectors_taproot.json':
    'simple taproot channels: no format of this simulator, which verifies no taproot spend',
};

const casesOf = (path: string): number => {
  const held = sharedJson<Held | readonly unknown[]>(path);
  if (Array.isArray(held)) return held.length;
  const { cases, tests, generation, storage } = held as Held;
  return (cases ?? tests ?? (generation && storage ? [...generation, ...storage] : [held])).length;
};

needsShared(BOLTS, OTHERS)('every file of BOLT 3 and of other implementations is run or left out by name', () => {
  const found = [BOLTS, OTHERS].flatMap((folder) =>
    readdirSync(present(sharedFile(folder), folder))
      .filter((name) => name.endsWith('.json') && (folder === OTHERS || name.startsWith('bolt03')))
      .map((name) => ({ name, count: casesOf(`${folder}/${name}`) })),
  );
  expect(found.map(({ name }) => name).toSorted()).toEqual([...Object.keys(RUN), ...Object.keys(LEFT_OUT)].toSorted());
  const lines = found.map(({ name, count }) =>
    name in RUN ? `run       ${count} of ${name} by ${RUN[name]}` : `left out  ${count} of ${name}: ${LEFT_OUT[name]}`,
  );
  const sum = (names: Readonly<Record<string, string>>): number =>
    found.reduce((total, { name, count }) => (name in names ? total + count : total), 0);
  console.log([...lines, `${sum(RUN)} cases run, ${sum(LEFT_OUT)} left out`].join('\n'));
  expect(sum(RUN)).toBeGreaterThan(sum(LEFT_OUT));
});
