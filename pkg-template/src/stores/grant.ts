/**
 * A checked grant.
 *
 * @module
 */

import { MemberReader } from "./member-reader.js";

/** A grant with its times in epoch milliseconds. */
export type CheckedGrant = ReturnType<typeof checkedGrant>;

/** @throws {RollcallError} `invalid_argument` for a member that is missing or of the wrong type. */
export function checkedGrant(grant: unknown) {
  const members = new MemberReader(grant, "the grant");
  return {
    key: members.stored("key"),
    type: members.stored("type"),
    subjectId: members.optional("subjectId", "stored"),
    sessionId: members.optional("sessionId", "stored"),
    clientId: members.stored("clientId"),
    created: members.instant("created"),
    expires: members.optional("expires", "instant"),
    consumed: members.optional("consumed", "instant"),
    description: members.optional("description", "stored"),
    data: members.string("data"),
  };
}
