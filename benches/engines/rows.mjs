// @ts-check
/**
 * Made-up sessions as rows of the tables of `rollcall/sql`, for writing many at once.
 *
 * @module
 */

/** @import { StoredSession } from "../../pkg/index.js" */

import { rowIdOf } from "../../pkg/sql/row-id.js";
import { sessionValues } from "../../pkg/sql/session-rows.js";

/** The number of sessions that an instant can have. */
const SEQUENCES = 2 ** 20;

/**
 * The values of a row. Bytes are hexadecimal digits, the id is decimal digits, and the clients are
 * a JSON string of `[client id, sid]` pairs.
 *
 * @param {StoredSession} session
 * @param {number} number distinguishes sessions of the same instant
 */
export function rowOf(session, number) {
  const id = rowIdOf(session.created, number % SEQUENCES);
  if (id === undefined) throw new RangeError("the session was created too early or too late");
  // `sessionValues` takes checked sessions, in which absent members are `undefined`.
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
