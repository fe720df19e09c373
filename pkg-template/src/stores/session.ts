/**
 * A checked session.
 *
 * @module
 */

import { MemberReader } from "./member-reader.js";
import { checkedKey } from "./session-key.js";

/** A session in the type of the port; absent members are `undefined`. */
export type CheckedSession = ReturnType<typeof checkedSession>;

/** A client of a session in the type of the port; absent members are `undefined`. */
export type CheckedClient = ReturnType<typeof checkedClient>;

/** @throws {RollcallError} `invalid_argument` for a member that is missing or of the wrong type. */
export function checkedSession(session: unknown) {
  const members = new MemberReader(session, "the session");
  return {
    key: checkedKey(members.raw("key"), "the session: `key`"),
    scheme: members.stored("scheme"),
    subjectId: members.stored("subjectId"),
    sessionId: members.stored("sessionId"),
    displayName: members.optional("displayName", "stored"),
    displayNameFolded: members.optional("displayNameFolded", "stored"),
    issuer: members.optional("issuer", "stored"),
    created: members.time("created"),
    renewed: members.time("renewed"),
    expires: members.optional("expires", "time"),
    clients: members.list("clients", checkedClient),
    ipAddress: members.optional("ipAddress", "stored"),
    userAgent: members.optional("userAgent", "stored"),
    attributes: members.optional("attributes", "strings"),
    ticket: members.optional("ticket", "string"),
  };
}

/** @throws {RollcallError} `invalid_argument` for a member that is missing or of the wrong type. */
export function checkedClient(client: unknown, what: string) {
  const members = new MemberReader(client, what);
  return {
    clientId: members.stored("clientId"),
    sessionId: members.optional("sessionId", "stored"),
  };
}
