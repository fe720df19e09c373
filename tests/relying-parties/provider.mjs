/**
 * The part of an OpenID Provider that notifies clients: keys for every algorithm, sessions, and
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

/** Its signing keys. */
export const signingKeys = pairs.map(({ privateJwk }) => privateJwk);

/** The public keys, which its clients know. */
export const providerKeys = { keys: pairs.map(({ publicJwk }) => publicJwk) };

/**
 * Makes the provider of these relying parties.
 *
 * @param {readonly { client: import("../../pkg/index.js").Client }[]} parties
 * @param {Partial<import("../../pkg/index.js").Host> & { issuer?: string }} [options] override the
 *   default ones
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
     * Signs a subject in at these clients. A client with its own `sid` is `{ clientId, sessionId
     * }`.
     */
    signIn: (subjectId, sessionId, clients = [...registry.keys()]) =>
      tickets.store({ subjectId, sessionId, issuer, clients }),
  };
}
