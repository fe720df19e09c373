/**
 * All texts that begin with a prefix, as a range of an index.
 *
 * @module
 */

/**
 * `from` <= text, and text < `before`; without `before` there is no upper end. In the order of code
 * points.
 */
export type TextRange = { from: string; before?: string };

const LAST_CODE_POINT = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const BEHIND_SURROGATES = 0xe000;
const REPLACEMENT = 0xfffd;

/**
 * The range of the texts that begin with `prefix`. A database compares UTF-8 byte by byte, which is
 * the order of code points, not that of JavaScript's code units; the first text behind the range is
 * the prefix with its last code point raised by one.
 */
export function prefixRange(prefix: string): TextRange {
  const points = Array.from(prefix, codePoint);
  while (points.at(-1) === LAST_CODE_POINT) {
    points.pop();
  }
  const last = points.pop();
  if (last === undefined) {
    return { from: prefix };
  }
  points.push(last + 1 === FIRST_SURROGATE ? BEHIND_SURROGATES : last + 1);
  // One by one: a prefix of any length would be as many arguments.
  return { from: prefix, before: points.map((point) => String.fromCodePoint(point)).join("") };
}

/**
 * What is stored for a character: half a surrogate pair has no UTF-8 and becomes the replacement
 * character.
 */
function codePoint(character: string): number {
  const point = character.codePointAt(0) ?? REPLACEMENT;
  return point >= FIRST_SURROGATE && point < BEHIND_SURROGATES ? REPLACEMENT : point;
}
