/**
 * Demand as it was recorded: a CSV of time, fee rate and weight, a line for whatever came at that time.
 *
 * Columns: seconds since the start, sat per virtual byte, weight units. A first line of names is allowed, and so are empty
 * lines and lines that begin with #.
 */
import { UserError } from '../base/errors.ts';
import { type Micros, seconds } from '../base/time.ts';
import type { Arrival, DemandProcess } from './feeMarketDemand.ts';

/** Seconds: what simulated time can hold with room to spare, thirty years. */
const LATEST_SECONDS = 1e9;

/**
 * Reads the CSV.
 * @param file as the user named it, for the message
 * @throws UserError at the first line that is wrong
 */
export function parseDemandCsv(text: string, file: string): Arrival[] {
  const arrivals: Arrival[] = [];
  let last = 0;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const cells = line.split(',').map((cell) => cell.trim());
    if (arrivals.length === 0 && index === 0 && cells.every((cell) => /^[a-z]/i.test(cell))) continue;
    const wrong = (column: string, found: string, expected: string): UserError =>
      new UserError({ file, path: `line ${index + 1}${column}`, found: JSON.stringify(found), expected });
    if (cells.length !== 3) throw wrong('', line, 'three values: seconds, sat per virtual byte, weight units');
    const [time = '', rate = '', weight = ''] = cells;
    const at = decimal(time);
    if (at === null || at > LATEST_SECONDS) throw wrong(', time', time, `seconds from 0 to ${LATEST_SECONDS}`);
    if (at < last) throw wrong(', time', time, `not before the line above, ${last}`);
    const satPerVbyte = decimal(rate);
    if (satPerVbyte === null || satPerVbyte > 1e6)
      throw wrong(', fee rate', rate, 'sat per virtual byte, up to 1000000');
    const units = decimal(weight);
    if (units === null || !Number.isInteger(units) || units > 1e12) {
      throw wrong(', weight', weight, 'weight units, an integer up to 1000000000000');
    }
    last = at;
    arrivals.push({ time: seconds(at), satPerKvb: satPerVbyte * 1000, weight: units });
  }
  return arrivals;
}

/** A plain decimal number, not negative; null if the text is none. */
const decimal = (text: string): number | null => (/^\d+(\.\d+)?(e\d{1,2})?$/i.test(text) ? Number(text) : null);

/** The recorded arrivals one after the other, shifted in time. */
export function replayDemand(arrivals: readonly Arrival[], start = 0 as Micros): DemandProcess {
  let at = 0;
  return {
    next() {
      const arrival = arrivals[at++];
      return arrival === undefined ? null : { ...arrival, time: (arrival.time + start) as Micros };
    },
  };
}
