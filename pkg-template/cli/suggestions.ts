/**
 * Suggestions for words that are misspelt.
 *
 * @module
 */

/** More mistakes than this make another word. */
const MOST = 3;

/** `: did you mean `a` or `b`?` for the words that are most like this one; empty without any. */
export function suggestion(word: string, words: readonly string[]): string {
  const distances = words
    .map((one) => [one, distance(word, one)] as const)
    .filter(([one, mistakes]) => mistakes <= MOST && mistakes < one.length * 0.6);
  const least = Math.min(...distances.map(([, mistakes]) => mistakes));
  return didYouMean(distances.filter(([, one]) => one === least).map(([one]) => one));
}

/** The question after an error. */
export function didYouMean(words: readonly string[]): string {
  if (words.length === 0) return "";
  return `: did you mean ${words.map((word) => `\`${word}\``).join(" or ")}?`;
}

/** Levenshtein's distance, with neighbours that are swapped as one mistake. */
function distance(one: string, other: string): number {
  // Long arguments would take long, and are like no word.
  if (Math.abs(one.length - other.length) > MOST) return MOST + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped =
        one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1] && !isSame;
      next.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, next];
  }
  return last[other.length] ?? 0;
}
