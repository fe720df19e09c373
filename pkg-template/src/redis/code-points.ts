/**
 * The order of strings in Redis: by UTF-8 bytes, which is the same as by code points.
 *
 * @module
 */

/** Negative if the first string comes first. JavaScript itself compares UTF-16 code units. */
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

/** Half of a surrogate pair represents a code point above all those that fit into one unit. */
function rank(unit: number): number {
  const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
  return isSurrogate ? unit + 0x10000 : unit;
}
