/**
 * A checked filter of notifications.
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
 * The filter with only its present members.
 *
 * @throws {RollcallError} `invalid_argument` for an unknown member or one of the wrong type.
 */
export function checkedOutboxFilter(filter: unknown): OutboxFilter {
  const members = new MemberReader(filter, "the outbox filter", MEMBERS);
  const checked = members.names.map((name) => {
    if (name === "state") return [name, members.oneOf(name, STATES)];
    return [name, name === "issuers" ? members.nonEmptyStrings(name) : members.string(name)];
  });
  return bare(Object.fromEntries(checked));
}
