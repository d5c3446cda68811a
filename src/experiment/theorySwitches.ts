/** Switches for theory: what they change in the graph, and what a scenario that throws them can't have beside them. */
import { UserError } from '../base/errors.ts';
import { msat, msatToSat } from '../base/units.ts';
import { FORMAT, HTLC_OUTPUT_WEIGHT } from '../channel/commitmentFormat.ts';
import { openerPaysSat } from '../channel/commitmentSpec.ts';
import { isForTheory, MOST_ACCEPTED_HTLCS } from '../channel/limits.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { OffChainOnly } from '../node/channelCloser.ts';
import type { WorldConfig } from '../sim/config.ts';
import { buildable } from '../sim/openingPlan.ts';

/** No edge asks a fee or a least amount, and each carries what its channel can. */
export function freeForwarding(graph: CompiledGraph): void {
  for (let edge = 0; edge < graph.edgeCount; edge++) {
    graph.setPolicy(edge, {
      feeBaseMsat: msat(0),
      feeProportionalMillionths: 0,
      cltvExpiryDelta: graph.cltvExpiryDelta[edge]!,
      htlcMinimumMsat: msat(0),
      htlcMaximumMsat: msat(graph.capacityMsat[edge >> 1]!),
      disabled: graph.enabled[edge] === 0,
    });
  }
}

const AGREEMENT = 'mutual: without dustTrimming, or with more than 483 HTLC slots, a channel closes by agreement alone';

/**
 * Channels that no chain would take: nothing in the scenario may put them there by force, and the commitment with all of
 * its HTLCs must be paid for.
 * @throws UserError
 */
export function checkTheory(
  { channels, closures, watchtowers }: WorldConfig,
  graph: CompiledGraph,
  file: string,
): void {
  if (!isForTheory(channels)) return;
  closures.forEach(({ kind }, index) => {
    if (kind !== 'mutual')
      throw new UserError({ file, path: `closures[${index}].kind`, found: kind, expected: AGREEMENT });
  });
  if (watchtowers.length > 0)
    throw new UserError({
      file,
      path: 'watchtowers',
      found: 'a watchtower',
      expected: `none, and closures ${AGREEMENT}`,
    });
  if (channels.maxAcceptedHtlcs <= MOST_ACCEPTED_HTLCS) return;
  for (let channel = 0; channel < graph.channelCount; channel++) {
    const capacitySat = msatToSat(msat(graph.capacityMsat[channel]!));
    const built = buildable(capacitySat, channels);
    if (!built || openerPaysSat(built.format, built.feeratePerKw, channels.maxAcceptedHtlcs) <= capacitySat) continue;
    const { format, feeratePerKw } = built;
    const most = Math.floor(
      (((capacitySat - openerPaysSat(format, 0, 0)) * 1000) / feeratePerKw - FORMAT[format].paidWeight) /
        HTLC_OUTPUT_WEIGHT,
    );
    throw new UserError({
      file,
      path: 'channels.maxAcceptedHtlcs',
      found: `${channels.maxAcceptedHtlcs}, for whose commitment the ${capacitySat} sat of channel #${channel} can't pay`,
      expected: `at most ${Math.max(most, MOST_ACCEPTED_HTLCS)} there, or the format zero_fee_commitments`,
    });
  }
}

/** What the user is told when such a channel was to go on-chain all the same: an HTLC ran out of time, say. */
export const offChainOnly = ({ channel, reason }: OffChainOnly, graph: CompiledGraph, file: string): UserError =>
  new UserError({
    file,
    path: 'channels',
    found: `channel ${graph.channelIds[channel]} to be closed by force (${reason})`,
    expected: `a run in which each closing is ${AGREEMENT}`,
  });
