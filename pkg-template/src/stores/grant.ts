/**
 * A grant that a store is given, checked.
 *
 * @module
 */

import type { PersistedGrant } from "../types.js";
import { MemberReader } from "./member-reader.js";

/** A grant with its times in epoch milliseconds. */
export type CheckedGrant = ReturnType<typeof checkedGrant>;

/** @throws {RollcallError} `invalid_argument` for a member that is missing or of the wrong type. */
export function checkedGrant(grant: PersistedGrant) {
  const members = new MemberReader(grant, "the grant");
  return {
    key: members.string("key"),
    type: members.string("type"),
    subjectId: members.optionalString("subjectId"),
    sessionId: members.optionalString("sessionId"),
    clientId: members.string("clientId"),
    created: members.instant("created"),
    expires: members.optionalInstant("expires"),
    consumed: members.optionalInstant("consumed"),
    description: members.optionalString("description"),
    data: members.string("data"),
  };
}
