/**
 * Which grants a store is asked for, and how many they were.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import type { GrantCounts, GrantFilter } from "../types.js";
import { unknownMember } from "./members.js";

const FILTER_MEMBERS: ReadonlySet<string> = new Set<keyof GrantFilter>([
  "subjectId",
  "sessionId",
  "clientIds",
  "types",
]);

/**
 * @throws {RollcallError} `invalid_argument` if the filter is empty, or has a member that is not
 * known.
 */
export function checkGrantFilter(filter: GrantFilter): void {
  const unknown = unknownMember(filter, FILTER_MEMBERS);
  if (unknown !== undefined) {
    throw invalidArgument(`a grant filter has no \`${unknown}\`: leave it out`);
  }
  const isBlank = (text: string | undefined) => text === undefined || text.trim() === "";
  const isEmpty = (list: readonly string[] | undefined) => list === undefined || list.length === 0;
  if (
    isBlank(filter.subjectId) &&
    isBlank(filter.sessionId) &&
    isEmpty(filter.clientIds) &&
    isEmpty(filter.types)
  ) {
    throw invalidArgument("a grant filter is empty: name a subject, a session, clients or types");
  }
}

/** Counts to add to. */
export function noGrants(): GrantCounts {
  return { tokens: 0, consents: 0, other: 0 };
}
