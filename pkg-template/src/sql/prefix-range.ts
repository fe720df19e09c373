/**
 * All strings with a prefix, as a range of an index.
 *
 * @module
 */

/**
 * `from` <= string < `before`, in the order of code points; without `before` there is no upper
 * bound.
 */
export type StringRange = { from: string; before?: string };

const LAST_CODE_POINT = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const BEHIND_SURROGATES = 0xe000;
const REPLACEMENT = 0xfffd;

/**
 * The range of the strings that begin with `prefix`. A database compares UTF-8 byte by byte, which
 * is the order of code points, not of JavaScript's code units. The first string after the range is
 * the prefix with its last code point incremented.
 */
export function prefixRange(prefix: string): StringRange {
  const points = Array.from(prefix, codePoint);
  while (points.at(-1) === LAST_CODE_POINT) {
    points.pop();
  }
  const last = points.pop();
  if (last === undefined) {
    return { from: prefix };
  }
  points.push(last + 1 === FIRST_SURROGATE ? BEHIND_SURROGATES : last + 1);
  // One at a time, because a long prefix would exceed the number of arguments.
  return { from: prefix, before: points.map((point) => String.fromCodePoint(point)).join("") };
}

/**
 * The stored code point: half a surrogate pair has no UTF-8 form and becomes the replacement
 * character.
 */
function codePoint(character: string): number {
  const point = character.codePointAt(0) ?? REPLACEMENT;
  return point >= FIRST_SURROGATE && point < BEHIND_SURROGATES ? REPLACEMENT : point;
}
