/**
 * How many sessions a list has, in words.
 *
 * @module
 */

import type { Page } from "../../api/types";
import { countText } from "../../format";
import { hashOf } from "../../state/address.svelte";

/** A total such as `1,204` or `10,000+`; `undefined` if the API doesn't count. */
export function totalText(page: Page | undefined): string | undefined {
  if (page?.totalCount === undefined) return undefined;
  return countText({ count: page.totalCount, capped: page.totalCountIsCapped });
}

/** The address where all sessions that match are ended. */
export function purgeHash(filters: URLSearchParams): string {
  return hashOf(["purge"], filters);
}
