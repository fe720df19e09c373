/**
 * An OpenID Provider as far as telling its clients goes: keys for every algorithm, sessions, and
 * Rollcall.
 *
 * @module
 */

import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { backChannelSender } from "../../pkg/logout.js";
import { ISSUER, keyPair } from "../logout/support.mjs";

const TICKET_KEYS = { current: "1", keys: { 1: new Uint8Array(32) } };

const pairs = await Promise.all(["RS256", "ES256", "PS256", "EdDSA"].map((alg) => keyPair(alg)));

/** What it signs with. */
export const signingKeys = pairs.map(({ privateJwk }) => privateJwk);

/** What its clients know of that. */
export const providerKeys = { keys: pairs.map(({ publicJwk }) => publicJwk) };

/**
 * Makes the provider of these relying parties.
 *
 * @param {readonly { client: import("../../pkg/index.js").Client }[]} parties
 * @param {Partial<import("../../pkg/index.js").Host> & { issuer?: string }} [options] laid over the
 *   usual ones
 */
export function provider(parties, { issuer = ISSUER, ...options } = {}) {
  const registry = new Map(parties.map(({ client }) => [client.clientId, client]));
  const host = {
    ...memoryStores(),
    clients: (clientId) => registry.get(clientId),
    sendLogout: backChannelSender({ issuer, signingKeys, allowInsecure: true }),
    ...options,
  };
  const tickets = new TicketStore(host, { keys: TICKET_KEYS });
  return {
    management: new SessionManagement(host),
    /**
     * Somebody signs in at these clients; where one of them knows the session by another `sid`, it
     * is `{ clientId, sessionId }`.
     */
    signIn: (subjectId, sessionId, clients = [...registry.keys()]) =>
      tickets.store({ subjectId, sessionId, issuer, clients }),
  };
}
