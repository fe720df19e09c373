/**
 * Which notifications a store is asked for.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import type { OutboxFilter } from "../types.js";
import { unknownMember } from "./members.js";

const FILTER_MEMBERS: ReadonlySet<string> = new Set<keyof OutboxFilter>([
  "state",
  "subjectId",
  "sessionId",
  "clientId",
]);

/** @throws {RollcallError} `invalid_argument` for a member that is not known. */
export function checkOutboxFilter(filter: OutboxFilter): void {
  const unknown = unknownMember(filter, FILTER_MEMBERS);
  if (unknown !== undefined) {
    throw invalidArgument(`an outbox filter has no \`${unknown}\`: leave it out`);
  }
}
