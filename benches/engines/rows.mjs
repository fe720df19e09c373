// @ts-check
/**
 * Made-up sessions as rows of the tables of `rollcall/sql`, to be written many at once.
 *
 * @module
 */

/** @import { StoredSession } from "../../pkg/index.js" */

import { rowIdOf } from "../../pkg/sql/row-id.js";
import { sessionValues } from "../../pkg/sql/session-rows.js";

/** How many sessions an instant can have. */
const SEQUENCES = 2 ** 20;

/**
 * The values of a row: bytes as hexadecimal digits, its id as decimal ones, its clients as the JSON
 * text of `[client id, sid]`.
 *
 * @param {StoredSession} session
 * @param {number} number that tells it apart from others of the same instant
 */
export function rowOf(session, number) {
  const id = rowIdOf(session.created, number % SEQUENCES);
  if (id === undefined) throw new RangeError("the session was created too early or too late");
  // What is absent must be so for the checks of the stores too.
  const { displayName, displayNameFolded, issuer, expires, ipAddress, userAgent, ticket } = session;
  const whole = {
    ...{
      ...session,
      displayName,
      displayNameFolded,
      issuer,
      expires,
      ipAddress,
      userAgent,
      ticket,
    },
    attributes: session.attributes,
    clients: session.clients.map(({ clientId, sessionId }) => ({ clientId, sessionId })),
  };
  return { id: id.toString(), ...sessionValues(whole) };
}
