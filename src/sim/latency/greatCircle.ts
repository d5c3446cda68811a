/**
 * Distances on the globe: the great circle between two places on a sphere, by the haversine formula. All from exact
 * operations, so that every engine finds the same latency.
 */
import { sineOfTurns } from '../../base/math.ts';

export interface Place {
  /** degrees, −90 … 90 and −180 … 180 */
  readonly latitude: number;
  readonly longitude: number;
}

/** The Earth's mean radius, km (IUGG). */
const EARTH_RADIUS_KM = 6371.0088;
const TURN = 360; // degrees
const HALF_TURNS_TO_RADIANS = 3.141592653589793;

/** @returns km, 0 … 20,015 */
export function greatCircleKm(a: Place, b: Place): number {
  const cosine = (degrees: number): number => sineOfTurns(degrees / TURN + 0.25);
  const half = (degrees: number): number => sineOfTurns(degrees / TURN / 2) ** 2;
  const haversine =
    half(b.latitude - a.latitude) + cosine(a.latitude) * cosine(b.latitude) * half(b.longitude - a.longitude);
  return 2 * EARTH_RADIUS_KM * arcsine(Math.sqrt(Math.min(1, haversine)));
}

/** The angle whose sine is that, in radians. @param sine 0 … 1 */
function arcsine(sine: number): number {
  let [low, high] = [0, 0.25];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (sineOfTurns(middle) < sine) low = middle;
    else high = middle;
  }
  return (low + high) * HALF_TURNS_TO_RADIANS;
}
