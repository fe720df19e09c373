// @ts-check
/**
 * The applications that are registered at the identity provider.
 *
 * @module
 */

/** @import { Client } from "rollcall" */

/**
 * A relying party of this example.
 *
 * @typedef {object} RelyingParty
 * @property {string} clientId
 * @property {string} name
 * @property {string} origin
 * @property {string} redirectUri
 * @property {string} backChannelLogoutUri
 */

/** The two applications that one can sign in at, by client id. */
export const RELYING_PARTIES = { notes: "Notes", photos: "Photos" };

/**
 * A host name of its own for each application: cookies know nothing of ports, so applications on
 * one host would get each other's. Browsers take every name below `localhost` for this machine (RFC
 * 6761, section 6.3); programs need not, so what the identity provider calls has the plain address.
 *
 * @param {string} clientId
 * @param {string} name
 * @param {number} port
 * @returns {RelyingParty}
 */
export function relyingParty(clientId, name, port) {
  const origin = `http://${clientId}.localhost:${port}`;
  return {
    clientId,
    name,
    origin,
    redirectUri: `${origin}/callback`,
    backChannelLogoutUri: `http://127.0.0.1:${port}/backchannel-logout`,
  };
}

/**
 * The registrations as Rollcall wants them.
 *
 * @param {readonly RelyingParty[]} relyingParties
 * @param {readonly Client[]} others
 * @returns {(clientId: string) => Client | undefined}
 */
export function clientLookup(relyingParties, others) {
  const clients = relyingParties.map(({ clientId, backChannelLogoutUri }) => ({
    clientId,
    backChannelLogoutUri,
    backChannelLogoutSessionRequired: true,
  }));
  const byId = new Map([...clients, ...others].map((client) => [client.clientId, client]));
  return (clientId) => byId.get(clientId);
}
