/**
 * The tokens and consents of the demo.
 *
 * @module
 */

import type { PersistedGrant, StoredSession } from "rollcall";
import type { SeededRandom } from "../../../examples/identity-provider/made-up/random.mjs";

/** How many of 100 clients of a session keep a refresh token, and have a consent. */
const TOKENS = 40;
const CONSENTS = 10;

/** Makes up the tokens of a session and the consents of its user. */
export function madeUpGrants(session: StoredSession, random: SeededRandom): PersistedGrant[] {
  const { subjectId, sessionId, clients, expires } = session;
  return clients.flatMap(({ clientId }) => {
    const grant = { subjectId, clientId, created: new Date(session.created), data: "{}" };
    const grants: PersistedGrant[] = [];
    if (random.between(1, 100) <= TOKENS) {
      grants.push({
        ...grant,
        key: random.hex(4),
        type: "refresh_token",
        sessionId,
        ...(expires !== undefined && { expires: new Date(expires) }),
      });
    }
    if (random.between(1, 100) <= CONSENTS) {
      grants.push({ ...grant, key: `${subjectId} ${clientId}`, type: "user_consent" });
    }
    return grants;
  });
}
