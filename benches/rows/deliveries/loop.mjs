// @ts-check
/**
 * Notifies clients by hand, with a plain loop of `fetch` and some concurrency.
 *
 * @module
 */

/** @import { LogoutNotification } from "../../../pkg/index.js" */
/** @import { JWK } from "jose" */
/** @import { SigningKey } from "../../../pkg/logout.js" */

import { importJWK, SignJWT } from "jose";

/** The lifetime of a token, in seconds. */
const LIFETIME = 120;

/**
 * Posts one token for each notification, `concurrency` at a time.
 *
 * @param {LogoutNotification[]} notifications
 * @param {(notification: LogoutNotification, index: number) => string | Promise<string>} token
 * @param {number} concurrency
 */
export async function postAll(notifications, token, concurrency) {
  // The loops share one iterator, so each takes the next notification.
  const waiting = notifications.entries();
  const post = async () => {
    for (const [index, notification] of waiting) {
      const body = new URLSearchParams({ logout_token: await token(notification, index) });
      const response = await fetch(notification.logoutUri ?? "", { method: "POST", body });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`a client responded with ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, post));
}

/**
 * Makes a function that signs the logout token of a notification.
 *
 * @param {SigningKey} jwk
 * @returns {Promise<(notification: LogoutNotification) => Promise<string>>}
 */
export async function tokenSigner(jwk) {
  const { kid, alg } = jwk;
  const key = await importJWK(/** @type {JWK} */ (jwk), alg);
  return ({ clientId, subjectId = "", issuer = "", reason }) =>
    new SignJWT({
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
      logout_reason: reason,
    })
      .setProtectedHeader({ alg, typ: "logout+jwt", kid })
      .setIssuer(issuer)
      .setAudience(clientId)
      .setSubject(subjectId)
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME}s`)
      .setJti(crypto.randomUUID())
      .sign(key);
}
