/**
 * A checked filter of grants, and counts of grants.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import { bare } from "../plain-object.js";
import type { GrantCounts, GrantFilter } from "../types.js";
import { checkedString, MemberReader } from "./member-reader.js";

const MEMBERS: readonly (keyof GrantFilter)[] = ["subjectId", "sessionId", "clientIds", "types"];

/**
 * The filter with only its present members.
 *
 * @throws {RollcallError} `invalid_argument` if the filter is empty, or has an unknown member or
 * one of the wrong type.
 */
export function checkedGrantFilter(filter: unknown, what = "the grant filter"): GrantFilter {
  const members = new MemberReader(filter, what, MEMBERS);
  const found = members.names.map((name) => [
    name,
    name === "subjectId" || name === "sessionId"
      ? members.string(name)
      : members.list(name, checkedString),
  ]);
  const checked: GrantFilter = bare(Object.fromEntries(found));
  if (Object.values(checked).every(isEmpty)) {
    throw invalidArgument(`${what} is empty: name a subject, a session, clients or types`);
  }
  return checked;
}

function isEmpty(wanted: string | readonly string[]): boolean {
  return typeof wanted === "string" ? wanted.trim() === "" : wanted.length === 0;
}

/** Counts that start at zero. */
export function zeroCounts(): GrantCounts {
  return { tokens: 0, consents: 0, other: 0 };
}
