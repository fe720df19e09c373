/**
 * Which notifications a store is asked for.
 *
 * @module
 */

import { bare } from "../plain-object.js";
import type { DeliveryState, OutboxFilter } from "../types.js";
import { MemberReader } from "./member-reader.js";

const MEMBERS: readonly (keyof OutboxFilter)[] = [
  "id",
  "state",
  "subjectId",
  "sessionId",
  "clientId",
  "issuers",
];
const STATES: readonly DeliveryState[] = ["delivered", "pending", "failed", "skipped"];

/**
 * The filter with the members that it has.
 *
 * @throws {RollcallError} `invalid_argument` for a member that is not known or of the wrong type.
 */
export function checkedOutboxFilter(filter: unknown): OutboxFilter {
  const members = new MemberReader(filter, "the outbox filter", MEMBERS);
  const checked = members.names.map((name) => {
    if (name === "state") return [name, members.oneOf(name, STATES)];
    return [name, name === "issuers" ? members.someStrings(name) : members.string(name)];
  });
  return bare(Object.fromEntries(checked));
}
