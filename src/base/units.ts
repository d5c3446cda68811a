/**
 * Amounts: branded integers, made and converted only here.
 *
 * A `Msat` or a `Sat` is a non-negative safe integer; 2^53 msat are 90,071 BTC, four times what exists on the simulated
 * chain. The brand is compile-time only, so an amount costs no more than the number it is.
 */
import { InvariantError } from './assert.ts';

declare const unit: unique symbol;
/** Thousandths of a satoshi: what channels and payments count in. */
export type Msat = number & { readonly [unit]: 'msat' };
/** Satoshi: what transaction outputs count in. */
export type Sat = number & { readonly [unit]: 'sat' };

export const MSAT_PER_SAT = 1000;
export const SAT_PER_BTC = 100_000_000;
/** 21 million BTC: no amount on the chain may pass it (consensus `MAX_MONEY`). */
export const MAX_MONEY_SAT = 21_000_000 * SAT_PER_BTC;

/** `value` as an amount in msat. @throws InvariantError if it is not an integer in 0 … 2^53 − 1. */
export function msat(value: number): Msat {
  if (!(value >= 0) || !Number.isSafeInteger(value)) throw new InvariantError(`not an amount in msat: ${value}`);
  return value as Msat;
}

/** `value` as an amount in sat. @throws InvariantError if it is not an integer in 0 … 2^53 − 1. */
export function sat(value: number): Sat {
  if (!(value >= 0) || !Number.isSafeInteger(value)) throw new InvariantError(`not an amount in sat: ${value}`);
  return value as Sat;
}

/** Sat to msat, exactly. @throws InvariantError past 2^53 − 1 msat. */
export const satToMsat = (amountSat: Sat): Msat => msat(amountSat * MSAT_PER_SAT);

/** Whole sat in an amount: BOLT 3 rounds every output down. */
export const msatToSat = (amountMsat: Msat): Sat => Math.floor(amountMsat / MSAT_PER_SAT) as Sat;

/**
 * ⌊amount × ppm / 10⁶⌋, exact although the product may pass 2^53: whole millions are split off first.
 * @param amount a non-negative integer in any unit; the result is in the same unit
 * @param millionths parts per million, a non-negative integer up to 2^32 − 1
 */
export function proportional(amount: number, millionths: number): number {
  const product = amount * millionths;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / 1_000_000);
  const whole = Math.floor(amount / 1_000_000);
  const rest = amount - whole * 1_000_000;
  return whole * millionths + Math.floor((rest * millionths) / 1_000_000);
}

/**
 * The fee a channel asks to forward an amount (BOLT 7, "HTLC Fees").
 * @returns msat: `base + ⌊amount × millionths / 10⁶⌋`
 */
export function forwardingFeeMsat(amountMsat: number, feeBaseMsat: number, feeProportionalMillionths: number): Msat {
  return (feeBaseMsat + proportional(amountMsat, feeProportionalMillionths)) as Msat;
}

/** `12,345.678 sat`: for people. */
export function formatMsat(amountMsat: number): string {
  const whole = Math.trunc(amountMsat / MSAT_PER_SAT);
  const rest = Math.abs(amountMsat % MSAT_PER_SAT);
  const sign = amountMsat < 0 && whole === 0 ? '-' : '';
  return `${sign}${groupDigits(whole)}${rest === 0 ? '' : `.${String(rest).padStart(3, '0')}`} sat`;
}

/** `1234567` → `1,234,567`, the same in every locale. */
export function groupDigits(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
