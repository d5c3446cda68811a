/** Simulated time: an integer count of microseconds since the simulated genesis block. No wall clock. */

declare const unit: unique symbol;
/** Microseconds, integer, exact for 285 years. */
export type Micros = number & { readonly [unit]: 'µs' };

export const MICROS_PER_SECOND = 1_000_000;

/** Any non-negative number of microseconds, rounded to the nearest integer. */
export const micros = (value: number): Micros => Math.round(value) as Micros;
export const seconds = (value: number): Micros => micros(value * MICROS_PER_SECOND);
export const toSeconds = (time: Micros): number => time / MICROS_PER_SECOND;

const UNITS = { ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `90`, `1.5h`, `20ms`, `2d` as seconds; null if it is none of these. A bare number is in seconds. */
export function parseDurationSeconds(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim());
  if (!match) return null;
  const value = Number(match[1]) * UNITS[(match[2] ?? 's') as keyof typeof UNITS];
  return Number.isFinite(value) ? value : null;
}

/** `2d 3h`, `45m 10s`, `1.250s`, `35ms`: the two largest units, for people. */
export function formatDuration(time: Micros): string {
  const total = toSeconds(time);
  if (total < 1) return `${+(total * 1000).toFixed(1)}ms`;
  if (total < 60) return `${total.toFixed(3)}s`;
  const whole = Math.round(total);
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
  return `${Math.floor(whole / 86_400)}d ${Math.floor((whole % 86_400) / 3600)}h`;
}
