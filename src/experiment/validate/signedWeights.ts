/**
 * What signed transactions of channels weigh, beside the weights that BOLT 3 (Appendix A) and BOLT 5 (Appendix A) expect: those
 * count signatures of 73 bytes, and real ones are shorter.
 */
import type { Rng } from '../../base/random.ts';
import { msat, sat } from '../../base/units.ts';
import { checkStandard, MAX_STANDARD_TX_WEIGHT } from '../../chain/policy.ts';
import { p2wpkh } from '../../chain/script.ts';
import { type Transaction, type Txid, weightOf } from '../../chain/transaction.ts';
import { type Claim, penaltyClaims, sweepTransaction, toRemoteClaim } from '../../channel/claims.ts';
import { FORMAT, HTLC_OUTPUT_WEIGHT } from '../../channel/commitmentFormat.ts';
import type { CommitmentSpec, HtlcSpec } from '../../channel/commitmentSpec.ts';
import { channelPoints, channelSecrets } from '../../channel/keys.ts';
import { type ChannelLimits, MOST_ACCEPTED_HTLCS } from '../../channel/limits.ts';
import { type ChannelMaterial, materialiseCommitment } from '../../channel/materialise.ts';
import { present } from '../../base/assert.ts';
import { toHex } from '../../base/bytes.ts';
import { batchMeans } from './batchMeans.ts';
import { exactly, type Estimate } from './check.ts';
import { measurement } from './measurement.ts';

/** Bytes of a signature with its hash type as the BOLTs count it; with its lower s it never takes more than 72. */
const EXPECTED_SIGNATURE = 73;
/** Bytes that BOLT 5 counts for the delay in a `to_local` script. */
const EXPECTED_DELAY = 8;
/** Bytes that a delay of more than 127 blocks and at most 2¹⁵ − 1 takes. */
const DELAY = 2;
/** Weight units of the rest of a penalty transaction (BOLT 5, "Penalty Transactions Weight Calculation"). */
const PENALTY_FRAME = 4 * 53 + 2;
/** An expiry of three bytes, as BOLT 5 counts it, whose script for a received HTLC has 139: heights below 2²³. */
const CLTV_EXPIRY = 800_000;
const CAPACITY_SAT = 16_777_215;
const HTLC_SAT = 5000;

export const penaltyWeights = measurement({
  name: 'penalty-weights',
  unit: null,
  parameters: {},
  plan: () => ({
    label: '',
    figures: [
      { name: 'to_local input', theory: null, isExact: true },
      { name: 'to_remote input', theory: null, isExact: true },
      { name: 'offered HTLC input', theory: null, isExact: true },
      { name: 'received HTLC input', theory: null, isExact: true },
      { name: 'HTLCs that fit', theory: null, isExact: true },
      { name: 'a signed penalty for 483 HTLCs each way', theory: MAX_STANDARD_TX_WEIGHT, isExact: true, isBound: true },
      { name: 'objections of policy to it', theory: 0, isExact: true },
    ],
    run: (_, rng) => penalty(rng).map((value) => exactly(value)),
  }),
});

function penalty(rng: Rng): number[] {
  const material = newMaterial(rng);
  const htlcs = Array.from({ length: 2 * MOST_ACCEPTED_HTLCS }, (_, id) => htlcOf(id, id % 2 === 0, rng));
  const commitment = materialiseCommitment(material, 0, specOf(htlcs));
  const claims = penaltyClaims(material, commitment);
  const balance = present(toRemoteClaim(material, commitment), 'a balance of the victim');
  const find = (matches: (claim: Claim) => boolean): Claim => present(claims.find(matches), 'a claim of that kind');
  // BOLT 5 counts the length of the 1 in this witness and not the 1, and 72 bytes of the other one's signature
  const toLocal = inputWeight(find(({ htlc }) => htlc === null)) - 1 + EXPECTED_DELAY - DELAY;
  const toRemote = inputWeight(balance) - 1;
  const offered = inputWeight(find(({ htlc }) => htlc?.offered === true));
  const received = inputWeight(find(({ htlc }) => htlc?.offered === false));
  const fit = Math.floor((MAX_STANDARD_TX_WEIGHT - toLocal - toRemote - PENALTY_FRAME) / received);
  const signed = present(sweepTransaction([...claims, balance], p2wpkh(rng.bytes32().subarray(0, 20)), 253), 'a sweep');
  return [toLocal, toRemote, offered, received, fit, weightOf(signed), checkStandard(signed) === null ? 0 : 1];
}

/** What one more input of that kind adds to a transaction. */
function inputWeight({ outPoint, witness }: Claim): number {
  const input = {
    prevout: outPoint,
    scriptSig: new Uint8Array(0),
    sequence: 0,
    witness: witness(new Uint8Array(EXPECTED_SIGNATURE)),
  };
  const spending = (inputs: Transaction['inputs']): number =>
    weightOf({ version: 2, inputs, outputs: [], lockTime: 0 });
  return spending([input, input]) - spending([input]);
}

export const commitmentWeights = measurement({
  name: 'commitment-weights',
  unit: 'commitments',
  parameters: {},
  plan: () => {
    const lacks = bytesLacking();
    return {
      label: '',
      figures: [
        {
          name: 'weight units under the formula',
          theory: lacks.reduce((sum, chance, bytes) => sum + chance * bytes, 0),
        },
        { name: 'share 2 to 4 under it', theory: lacks[2]! + lacks[3]! + lacks[4]! },
        { name: 'share less than 2 under it', theory: 0, isExact: true },
      ],
      run: (size, rng) => {
        const under = Array.from({ length: size }, (_, copy) => underFormula(rng.stream('commitment', copy)));
        const share = (holds: (bytes: number) => boolean): Estimate =>
          batchMeans(under.map((bytes) => (holds(bytes) ? 1 : 0)));
        return [batchMeans(under), share((bytes) => bytes >= 2 && bytes <= 4), share((bytes) => bytes < 2)];
      },
    };
  },
});

/** What a signed commitment weighs less than BOLT 3's formula has it, with up to three HTLCs. */
function underFormula(rng: Rng): number {
  const material = newMaterial(rng);
  const htlcs = Array.from({ length: rng.below(4) }, (_, id) => htlcOf(id, rng.below(2) === 0, rng));
  const { transaction } = materialiseCommitment(material, 0, specOf(htlcs));
  return FORMAT.static_remotekey.paidWeight + HTLC_OUTPUT_WEIGHT * htlcs.length - weightOf(transaction);
}

/**
 * P(two signatures together are so many bytes short of 73 each), by bytes. DER leaves out leading zero bytes and puts one before
 * a top bit that is set: r, below 2²⁵⁶, lacks k of its 33 bytes or more with chance 2^(7 − 8k), and s, below 2²⁵⁵ since it is
 * the lower of two, one in any case and k more with chance 2^(−8k).
 */
function bytesLacking(): number[] {
  const law = (bits: number): number[] => {
    const atLeast = (bytes: number): number => (bytes === 0 ? 1 : 2 ** (bits - 8 * bytes));
    return [0, 1, 2, 3].map((bytes) => atLeast(bytes) - atLeast(bytes + 1));
  };
  const signature = convolve([0, 1], convolve(law(7), law(0)));
  return convolve(signature, signature);
}

function convolve(a: readonly number[], b: readonly number[]): number[] {
  const sum = Array.from({ length: a.length + b.length - 1 }, () => 0);
  a.forEach((x, i) => b.forEach((y, j) => (sum[i + j]! += x * y)));
  return sum;
}

function newMaterial(rng: Rng): ChannelMaterial {
  const master = rng.bytes32();
  const secrets = [channelSecrets(master, '0'), channelSecrets(master, '1')] as const;
  const limits: ChannelLimits = {
    dustLimitSat: sat(354),
    channelReserveSat: sat(0),
    htlcMinimumMsat: msat(1),
    maxHtlcValueInFlightMsat: msat(CAPACITY_SAT * 1000),
    maxAcceptedHtlcs: MOST_ACCEPTED_HTLCS,
    toSelfDelay: 2016,
    maxDustHtlcExposureMsat: msat(0),
  };
  return {
    funding: { txid: toHex(rng.bytes32()) as Txid, vout: 0 },
    capacitySat: sat(CAPACITY_SAT),
    format: 'static_remotekey',
    opener: 0,
    limits: [limits, limits],
    secrets,
    points: [channelPoints(secrets[0]), channelPoints(secrets[1])],
  };
}

const htlcOf = (id: number, offered: boolean, rng: Rng): HtlcSpec => ({
  offered,
  id,
  amountMsat: msat(HTLC_SAT * 1000),
  cltvExpiry: CLTV_EXPIRY,
  paymentHash: rng.bytes32(),
});

/** Of the opener, with half of what is not pending on each side. */
function specOf(htlcs: readonly HtlcSpec[]): CommitmentSpec {
  const freeMsat = (CAPACITY_SAT - HTLC_SAT * htlcs.length) * 1000;
  const toRemoteMsat = Math.floor(freeMsat / 2);
  return {
    number: 1,
    toLocalMsat: msat(freeMsat - toRemoteMsat),
    toRemoteMsat: msat(toRemoteMsat),
    htlcs,
    feeratePerKw: 253,
    ownerIsOpener: true,
  };
}
