// Sorts numbers by a radix sort of their bits: a comparison sort takes ten times as long for 200,000.

const WIDE = 16; // bits of a digit
const NARROW = 8;
const MANY = 20_000; // from this many numbers on, wide digits are quicker
const SIGN = 0x80000000;

/**
 * `members` in the order of their `keys`, which has a number for each member. Equal keys keep their order; NaN comes
 * last.
 */
export function orderBy(keys, members, { descending = false } = {}) {
  const halves = readBits(keys, members, descending);
  let order = Uint32Array.from(members.keys());
  let next = new Uint32Array(order.length);
  const width = members.length < MANY ? NARROW : WIDE;
  const mask = 2 ** width - 1;
  for (const half of halves) {
    for (let shift = 0; shift < 32; shift += width) {
      const starts = countDigits(half, shift, mask);
      if (starts === null) continue;
      for (let at = 0; at < order.length; at++) next[starts[(half[order[at]] >>> shift) & mask]++] = order[at];
      [order, next] = [next, order];
    }
  }
  return order.map((place) => members[place]);
}

/**
 * The lower and upper halves of the numbers' bits, changed so that, as unsigned integers, they sort like the numbers.
 */
function readBits(keys, members, descending) {
  const number = new Float64Array(1);
  const bits = new Uint32Array(number.buffer); // little-endian in every browser: the lower half is first
  const [lower, upper] = [new Uint32Array(members.length), new Uint32Array(members.length)];
  for (let place = 0; place < members.length; place++) {
    const key = keys[members[place]];
    number[0] = key + 0; // turns -0 into 0
    const isNegative = bits[1] >>> 31 === 1;
    const turned = isNegative === descending ? 0 : ~0;
    lower[place] = key !== key ? ~0 : bits[0] ^ turned;
    upper[place] = key !== key ? ~0 : bits[1] ^ turned ^ (isNegative ? 0 : SIGN);
  }
  return [lower, upper];
}

/** The place at which the numbers with each digit begin; null if all have the same digit. */
function countDigits(half, shift, mask) {
  const starts = new Uint32Array(mask + 1);
  for (let at = 0; at < half.length; at++) starts[(half[at] >>> shift) & mask]++;
  let sum = 0;
  for (let digit = 0; digit <= mask; digit++) {
    if (starts[digit] === half.length) return null;
    const count = starts[digit];
    starts[digit] = sum;
    sum += count;
  }
  return starts;
}
