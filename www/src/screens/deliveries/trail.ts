/**
 * The pages that the user visited in a list that only has links forward.
 *
 * @module
 */

/** The previous page of each page that was reached with "Next page". */
const before = new Map<string, string>();

/** Remembers that `next` was reached from `current`. Both are addresses. */
export function noteNext(current: string, next: string): void {
  before.set(next, current);
}

/** The address of the previous page, if this page was reached from it. */
export function pageBefore(current: string): string | undefined {
  return before.get(current);
}
