// @ts-check
/**
 * The notifications to deliver, and their clients.
 *
 * @module
 */

/** @import { Client, LogoutNotification } from "../../../pkg/index.js" */
/** @import { SigningKey } from "../../../pkg/logout.js" */

import { exportJWK, generateKeyPair } from "jose";

export const ISSUER = "https://id.example.com";

/**
 * Makes one client for each of these URIs.
 *
 * @param {string[]} uris
 * @param {string} alg with which their tokens are signed
 * @returns {(Client & { backChannelLogoutUri: string })[]}
 */
export function clientsAt(uris, alg) {
  return uris.map((backChannelLogoutUri, number) => ({
    clientId: `client-${number}`,
    backChannelLogoutUri,
    idTokenSignedResponseAlg: alg,
  }));
}

/**
 * Notifications for all clients in turn, due at once, each for a different subject.
 *
 * @param {ReturnType<typeof clientsAt>} clients
 * @param {number} total
 * @returns {LogoutNotification[]}
 */
export function notificationsFor(clients, total) {
  const run = crypto.randomUUID();
  const created = Date.now();
  return Array.from({ length: total }, (_, number) => {
    const { clientId = "", backChannelLogoutUri = "" } = clients[number % clients.length] ?? {};
    const subjectId = `subject-${number}`;
    const id = `subject:${run}:${number}:${clientId}`;
    return {
      id,
      clientId,
      logoutUri: backChannelLogoutUri,
      subjectId,
      issuer: ISSUER,
      reason: "terminated",
      attempt: 0,
      created,
    };
  });
}

/**
 * Generates a key of the provider.
 *
 * @param {string} alg
 * @returns {Promise<SigningKey>}
 */
export async function signingKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const { kty = "", ...members } = await exportJWK(privateKey);
  return { ...members, kty, kid: `key for ${alg}`, alg };
}
