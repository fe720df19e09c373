/**
 * Pages of the list in words.
 *
 * @module
 */

import type { Page } from "../../api/types";
import { countText } from "../../format";
import { sessions as texts } from "../../texts";

/** A total such as `1,204` or `10,000+`; `undefined` if the API doesn't count. */
export function totalText(page: Page | undefined): string | undefined {
  if (page?.totalCount === undefined) return undefined;
  return countText({ count: page.totalCount, capped: page.totalCountIsCapped });
}

/** The sentence about a new list, such as `1,204 sessions`. */
export function listSentence(page: Page): string {
  const count = page.totalCount ?? page.results.length;
  return texts.total(count, countText({ count, capped: page.totalCountIsCapped }));
}

/** The sentence about a page, such as `Page 3 of 41, 25 sessions`. */
export function pageSentence({ currentPage, totalPages, totalCountIsCapped, results }: Page) {
  return texts.pageTurned(
    currentPage ?? 1,
    totalCountIsCapped ? undefined : totalPages,
    results.length,
  );
}
