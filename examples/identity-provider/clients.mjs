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

/** The names of the two applications, by client id. */
export const RELYING_PARTIES = { notes: "Notes", photos: "Photos" };

/**
 * Gives each application its own host name, because browsers share cookies between the ports of one
 * host. Browsers resolve every name below `localhost` to the loopback address (RFC 6761, section
 * 6.3). Programs may not, so the logout URI, which the identity provider calls, uses the address.
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
 * The registrations, as the `clients` of a host.
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
