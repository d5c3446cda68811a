/**
 * Regions: most payments stay within one. Regions are given, or grown: so many nodes drawn at random are their middles,
 * and every other node belongs to the middle that is nearest in hops (the earlier one among equals), so that a region is
 * a connected part of the network.
 */
import type { Rng } from '../../../base/random.ts';
import type { Endpoints, Places } from '../traffic.ts';
import { uniformEndpoints } from './uniform.ts';

export interface RegionsPlan {
  readonly kind: 'regions';
  readonly count: number;
  /** 0 … 1: of the payments that stay within the payer's region */
  readonly within: number;
  /** by node; null: they are grown */
  readonly regionOf: Int32Array | null;
}

export function regionEndpoints(places: Places, plan: RegionsPlan, rng: Rng, structure: Rng): Endpoints {
  const regionOf = plan.regionOf ?? grownRegions(places, plan.count, structure.stream('regions'));
  const anywhere = uniformEndpoints(places, rng);
  const members = new Map<number, number[]>();
  for (const node of places.payees) {
    const region = members.get(regionOf[node]!);
    if (region) region.push(node);
    else members.set(regionOf[node]!, [node]);
  }
  return {
    next() {
      const pair = anywhere.next();
      if (pair === null || rng.unit() >= plan.within) return pair;
      const neighbours = members.get(regionOf[pair.source]!) ?? [];
      // a payer that is alone in its region pays outside of it
      if (neighbours.every((node) => node === pair.source)) return pair;
      let target = pair.source;
      while (target === pair.source) target = neighbours[rng.below(neighbours.length)]!;
      return { source: pair.source, target };
    },
  };
}

/** @returns the region of each node; −1 where no middle can be reached */
export function grownRegions({ payees, capacityMsat, peers }: Places, count: number, rng: Rng): Int32Array {
  const regionOf = new Int32Array(capacityMsat.length).fill(-1);
  let edge = rng.shuffle([...payees]).slice(0, count);
  edge.forEach((node, region) => (regionOf[node] = region));
  while (edge.length > 0) {
    const next: number[] = [];
    for (const node of edge) {
      for (const peer of peers(node)) {
        if (regionOf[peer] !== -1) continue;
        regionOf[peer] = regionOf[node]!;
        next.push(peer);
      }
    }
    edge = next;
  }
  return regionOf;
}
