/**
 * Channel benchmark, on one core: messages in ledger form (at least 300,000 a second), a commitment with 20 HTLCs made
 * into signed bytes, and the memory of an idle channel (under 2 KB, both ends) at mainnet's 50,808 channels.
 */
import { present } from '../src/base/assert.ts';
import { Rng } from '../src/base/random.ts';
import { msat, sat } from '../src/base/units.ts';
import type { Txid } from '../src/chain/transaction.ts';
import { ChannelEnd, type Htlc } from '../src/channel/channelEnd.ts';
import { channelPoints, channelSecrets } from '../src/channel/keys.ts';
import type { ChannelLimits, ChannelTerms } from '../src/channel/limits.ts';
import { materialiseCommitment, type ChannelMaterial } from '../src/channel/materialise.ts';
import { acceleratedSecp256k1 } from '../src/crypto/accelerated.ts';
import { sha256 } from '../src/crypto/hashes.ts';
import { secp256k1, useSecp256k1 } from '../src/crypto/secp256k1.ts';
import { cpuMicros, interleaved, usedBytes } from './measure.ts';

const ROUNDS = 5;
const PAYMENTS = 100_000;
const MESSAGES_A_SECOND = 300_000;
const CHANNELS = 50_808;
const BYTES_A_CHANNEL = 2048;
const HTLCS = 20;
const COMMITMENTS = 20;

const LIMITS: ChannelLimits = {
  dustLimitSat: sat(354),
  channelReserveSat: sat(10_000),
  htlcMinimumMsat: msat(1),
  maxHtlcValueInFlightMsat: msat(1_000_000_000),
  maxAcceptedHtlcs: 483,
  toSelfDelay: 144,
  maxDustHtlcExposureMsat: msat(50_000_000),
};
const TERMS: ChannelTerms = { capacitySat: sat(1_000_000), feeratePerKw: 2500, format: 'anchors_zero_fee_htlc_tx' };

type Ends = readonly [ChannelEnd<null>, ChannelEnd<null>];

export const channel = {
  name: 'channel',
  async run(): Promise<void> {
    reportMemory();
    reportMessages();
    reportMaterialising('noble');
    const accelerated = await acceleratedSecp256k1();
    if (accelerated === null) return;
    const noble = secp256k1();
    useSecp256k1(accelerated);
    reportMaterialising('tiny-secp256k1');
    useSecp256k1(noble);
  },
};

/** As a network opens one: with terms and limits of its own. */
function openChannel(): Ends {
  const half = msat(500_000_000);
  const terms = { ...TERMS };
  const limits = { ...LIMITS };
  const both = { terms, localLimits: limits, remoteLimits: limits, toLocalMsat: half, toRemoteMsat: half };
  const end = (isOpener: boolean): ChannelEnd<null> => {
    const made = new ChannelEnd<null>({ ...both, isOpener });
    made.phase = 'normal';
    return made;
  };
  return [end(true), end(false)];
}

// ── Messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const AMOUNT = msat(1_000_000);

interface Secret {
  readonly preimage: Uint8Array;
  readonly hash: Uint8Array;
}
const SECRETS: readonly Secret[] = Array.from({ length: HTLCS }, (_, index) => {
  const preimage = sha256(Uint8Array.of(index));
  return { preimage, hash: sha256(preimage) };
});

/** One `commitment_signed` and its `revoke_and_ack`. */
function sign([from, to]: Ends): void {
  from.sendCommit();
  if (to.receiveCommit() !== null) throw new Error('an honest commitment was refused');
  to.sendRevoke();
  if (typeof from.receiveRevoke() === 'string') throw new Error('an honest revocation was refused');
}

/** So many HTLCs go from one end to the other, are committed, fulfilled and gone. @returns messages exchanged */
function payBatch(ends: Ends, count: number): number {
  const [from, to] = ends;
  const back: Ends = [to, from];
  for (let index = 0; index < count; index++) {
    const { hash } = SECRETS[index]!;
    const { id } = from.offer(AMOUNT, hash, 500, null);
    if (to.receiveAdd(id, AMOUNT, hash, 500, null) !== null) throw new Error('an honest HTLC was refused');
  }
  sign(ends);
  sign(back);
  const received: readonly Htlc<null>[] = to.htlcs;
  for (let index = 0; index < count; index++) {
    const { preimage } = SECRETS[index]!;
    const htlc = received[index]!;
    to.remove(htlc, preimage);
    if (typeof from.receiveRemove(htlc.id, preimage) === 'string') throw new Error('a true preimage was refused');
  }
  sign(back);
  sign(ends);
  return 2 * count + 8;
}

function reportMessages(): void {
  const contenders = [1, 5, HTLCS].map((batch) => {
    let messages = 0;
    const run = (): number => {
      const ends = openChannel();
      const back: Ends = [ends[1], ends[0]];
      messages = 0;
      return cpuMicros(() => {
        for (let paid = 0; paid < PAYMENTS; paid += 2 * batch)
          messages += payBatch(ends, batch) + payBatch(back, batch);
      });
    };
    return { batch, run, count: () => messages };
  });
  const times = interleaved(
    ROUNDS,
    contenders.map(({ run }) => run),
  );
  contenders.forEach(({ batch, count }, index) => {
    const { least, median } = times[index]!;
    const rate = (micros: number): string => Math.round(count() / (micros / 1e6)).toLocaleString('en-US');
    const verdict = count() / (median / 1e6) >= MESSAGES_A_SECOND ? 'met' : 'MISSED';
    console.log(
      `  ${PAYMENTS} HTLCs, ${batch} a commitment: ${rate(least)} messages a second (best), ${rate(median)} (median); ` +
        `aim ${MESSAGES_A_SECOND.toLocaleString('en-US')}: ${verdict}`,
    );
  });
}

// ── Bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function reportMaterialising(curve: string): void {
  const master = Rng.fromSeed('bench channel').bytes32();
  const secrets = [channelSecrets(master, 'bench/1'), channelSecrets(master, 'bench/2')] as const;
  const material: ChannelMaterial = {
    funding: { txid: '11'.repeat(32) as Txid, vout: 0 },
    capacitySat: TERMS.capacitySat,
    format: TERMS.format,
    opener: 0,
    limits: [LIMITS, LIMITS],
    secrets,
    points: [channelPoints(secrets[0]), channelPoints(secrets[1])],
  };
  const ends = openChannel();
  for (const { hash } of SECRETS) {
    const { id } = ends[0].offer(AMOUNT, hash, 500, null);
    ends[1].receiveAdd(id, AMOUNT, hash, 500, null);
  }
  sign(ends);
  const spec = ends[1].spec('local');
  let signatures = 0;
  const [time] = interleaved(3, [
    () =>
      cpuMicros(() => {
        for (let i = 0; i < COMMITMENTS; i++) {
          const made = materialiseCommitment(material, 1, { ...spec, number: i });
          signatures = made.htlcTransactions.length + 2;
        }
      }),
  ]);
  const each = (present(time, 'a time').median / COMMITMENTS / 1000).toFixed(1);
  console.log(`  a commitment with ${HTLCS} HTLCs (${signatures} signatures): ${each} ms, ${curve}`);
}

// ── Memory ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function reportMemory(): void {
  const channels: Ends[] = [];
  const before = usedBytes();
  for (let i = 0; i < CHANNELS; i++) channels.push(openChannel());
  const fresh = (usedBytes() - before) / CHANNELS;
  // idle, but with a past: each carried payments both ways
  for (const ends of channels) {
    payBatch(ends, 2);
    payBatch([ends[1], ends[0]], 2);
  }
  const used = (usedBytes() - before) / channels.length;
  const verdict = used < BYTES_A_CHANNEL ? 'met' : 'MISSED';
  console.log(
    `  ${CHANNELS} idle channels: ${fresh.toFixed(0)} bytes each when opened, ${used.toFixed(0)} after 4 HTLCs, ` +
      `both ends; limit ${BYTES_A_CHANNEL}: ${verdict}`,
  );
}
