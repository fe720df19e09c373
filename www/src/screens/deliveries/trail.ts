/**
 * The way through the pages of a list that only has links forward.
 *
 * @module
 */

/** The page before, by the place of each page that was reached by "Next page". */
const before = new Map<string, string>();

/** Remembers that `next` was reached from `current`. Both are addresses. */
export function noteNext(current: string, next: string): void {
  before.set(next, current);
}

/** The address of the page before, if this page was reached from it. */
export function pageBefore(current: string): string | undefined {
  return before.get(current);
}
