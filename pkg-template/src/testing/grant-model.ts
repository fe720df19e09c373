/**
 * Computes the results of a grant store over an array: samples, and filters that reveal a store
 * that ignores a member.
 *
 * @module
 */

import type { GrantCounts, GrantFilter, GrantStore, PersistedGrant } from "../types.js";
import { at, grant, times } from "./samples.js";

const SUBJECTS = ["alice", "Alice", "bob", undefined];
const SESSIONS = ["s1", "s2", undefined];
const CLIENTS = ["shop", "forum", "100%"];

/** The types of all samples. */
export const TYPES = [
  "refresh_token",
  "reference_token",
  "authorization_code",
  "ciba",
  "user_consent",
  "device_code",
];

/** One grant for each combination, so that a store that ignores a member finds too many. */
export const GRANTS: readonly PersistedGrant[] = SUBJECTS.flatMap((subjectId) =>
  SESSIONS.flatMap((sessionId) =>
    CLIENTS.flatMap((clientId) =>
      TYPES.map((type) =>
        grant([subjectId, sessionId, clientId, type].join("/"), {
          type,
          clientId,
          ...(subjectId !== undefined && { subjectId }),
          ...(sessionId !== undefined && { sessionId }),
        }),
      ),
    ),
  ),
);

/**
 * Each member alone matches some of the samples, and each additional one fewer. The core uses all
 * of them at once.
 */
const MEMBERS: readonly GrantFilter[] = [
  { subjectId: "alice" },
  { sessionId: "s1" },
  { clientIds: ["shop", "100%"] },
  { types: ["refresh_token", "user_consent", "device_code"] },
];

/** The members in every combination: each bit of the number says whether a member is present. */
export const COMBINATIONS: readonly GrantFilter[] = times(2 ** MEMBERS.length - 1, (n) => {
  const filter: GrantFilter = {};
  for (const [bit, member] of MEMBERS.entries()) {
    if (((n + 1) >> bit) % 2 === 1) Object.assign(filter, member);
  }
  return filter;
});

/**
 * Values that are similar to those of the samples, alone and with all other members. They match
 * nothing.
 */
const NEAR_MISSES: readonly GrantFilter[] = [
  ...["alice ", " alice", "ALICE"].map((subjectId) => ({ subjectId })),
  ...["s1 ", "S1"].map((sessionId) => ({ sessionId })),
  ...["shop ", "Shop"].map((clientId) => ({ clientIds: [clientId] })),
  ...["ciba ", "CIBA"].map((type) => ({ types: [type] })),
].flatMap((miss) => [miss, { ...at(COMBINATIONS, -1), ...miss }]);

/** The filters to test on the samples. */
export const GRANT_FILTERS: readonly GrantFilter[] = [
  ...COMBINATIONS,
  ...NEAR_MISSES,
  // A list may have one item, duplicates, and unknown values.
  { clientIds: ["shop"] },
  { clientIds: ["shop", "100%", "unknown", "shop"] },
  { types: ["user_consent"] },
  { types: ["refresh_token", "ciba", "unknown"] },
  { sessionId: "s2", types: ["refresh_token"] },
  { sessionId: "s2", clientIds: ["shop"] },
  { clientIds: ["forum"], types: ["reference_token"] },
  // An empty list is ignored; the rest of the filter counts.
  { subjectId: "bob", clientIds: [], types: [] },
  // A blank string is compared like any other, and matches nothing.
  { subjectId: "", types: ["refresh_token"] },
  { subjectId: " ", clientIds: ["shop"] },
];

/** The grants that match a filter. */
export function matchingGrants(
  filter: GrantFilter,
  grants: readonly PersistedGrant[] = GRANTS,
): PersistedGrant[] {
  const isOneOf = (list: readonly string[] | undefined, value: string) =>
    list === undefined || list.length === 0 || list.includes(value);
  return grants.filter(
    ({ subjectId, sessionId, clientId, type }) =>
      (filter.subjectId === undefined || filter.subjectId === subjectId) &&
      (filter.sessionId === undefined || filter.sessionId === sessionId) &&
      isOneOf(filter.clientIds, clientId) &&
      isOneOf(filter.types, type),
  );
}

/** The number of grants by kind. */
export function countsOf(grants: readonly PersistedGrant[]): GrantCounts {
  const consents = grants.filter(({ type }) => type === "user_consent").length;
  const other = grants.filter(({ type }) => type === "device_code").length;
  return { tokens: grants.length - consents - other, consents, other };
}

/** Stores grants, one after the other. */
export async function storeAll(
  grants: Pick<GrantStore, "store">,
  rows: readonly PersistedGrant[],
): Promise<void> {
  for (const row of rows) {
    await grants.store(row);
  }
}
