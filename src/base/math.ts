/**
 * Logarithm, exponential and sine from IEEE 754's exact operations alone (+ − × ÷ and bit patterns), so that every engine
 * computes the same last bit: `Math.log` and `Math.exp` may differ between engines, and a drawn delay decides outcomes.
 * Error below 2 units in the last place over the ranges the simulator draws from (a test holds it against `Math`).
 */

const LN2_HIGH = 6.9314718036912381649e-1; // ln 2 to 32 bits, so that k × LN2_HIGH is exact
const LN2_LOW = 1.90821492927058770002e-10; // the rest of ln 2
const bits = new DataView(new ArrayBuffer(8));

/** Natural logarithm of a positive finite number. ln(m · 2^k) = k ln 2 + 2 artanh((m−1)/(m+1)), m in [√½, √2). */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984; // 2^54: lift a subnormal
    k = -54;
  }
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  k += (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > 1.4142135623730951) {
    m /= 2;
    k += 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  // artanh series to s^21: |s| ≤ 0.1716, so the first left-out term is below 2^-58
  let tail = 1 / 21;
  for (let n = 19; n >= 3; n -= 2) tail = tail * z + 1 / n;
  return k * LN2_HIGH + (2 * s + (2 * s * z * tail + k * LN2_LOW));
}

/** e^x for |x| < 700. e^x = 2^k e^r, |r| ≤ ½ ln 2, by Taylor's series to r^14. */
export function exp(x: number): number {
  if (x !== x) return NaN;
  if (x > 709) return Infinity;
  if (x < -708) return 0;
  const k = Math.round(x / 0.6931471805599453);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * r) / n;
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return sum * bits.getFloat64(0);
}

/** sin 2πx from exact operations alone, so that every engine draws the same; Taylor's series to y^19, error below 10⁻¹⁵. */
export function sineOfTurns(x: number): number {
  let turn = x - Math.floor(x);
  let sign = 1;
  if (turn >= 0.5) [turn, sign] = [turn - 0.5, -1];
  if (turn > 0.25) turn = 0.5 - turn;
  const y = turn * 6.283185307179586;
  const z = y * y;
  let sum = 1;
  for (let n = 18; n >= 2; n -= 2) sum = 1 - (sum * z) / (n * (n + 1));
  return sign * Math.min(1, y * sum);
}
