/**
 * The order of texts in Redis, which is that of their UTF-8 bytes, and so of their code points.
 *
 * @module
 */

/**
 * Below 0 where the first text comes first. JavaScript's own order is that of UTF-16 code units.
 */
export function compareCodePoints(text: string, other: string): number {
  const length = Math.min(text.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const [unit, otherUnit] = [text.charCodeAt(index), other.charCodeAt(index)];
    if (unit !== otherUnit) {
      return rank(unit) - rank(otherUnit);
    }
  }
  return text.length - other.length;
}

/** A half of a surrogate pair stands for a code point above all that one unit can hold. */
function rank(unit: number): number {
  const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
  return isSurrogate ? unit + 0x10000 : unit;
}
