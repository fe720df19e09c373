/**
 * Starts the example identity provider in this process, with a different application than its own
 * two.
 *
 * @module
 */

import { Accounts } from "../../examples/identity-provider/accounts.mjs";
import { identityProvider } from "../../examples/identity-provider/provider/application.mjs";
import { cookieValue } from "../../examples/identity-provider/provider/cookie-value.mjs";
import {
  ABSOLUTE_LIFETIME,
  COORDINATION,
} from "../../examples/identity-provider/provider/coordination.mjs";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionCoordination, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { backChannelSender } from "../../pkg/logout.js";
import { keyPair } from "../logout/support.mjs";

/**
 * @param {object} options
 * @param {string} options.issuer
 * @param {import("../../examples/identity-provider/clients.mjs").RelyingParty} options.client
 * @param {string} options.clientSecret
 * @param {Partial<import("../../pkg/index.js").Client>} options.registered further members of the
 *   client's registration with Rollcall
 * @param {() => number} [options.now] the clock of Rollcall
 */
export async function exampleProvider({ issuer, client, clientSecret, registered, now }) {
  const { clientId, backChannelLogoutUri } = client;
  const signingKeys = [(await keyPair("RS256")).privateJwk];
  const stores = memoryStores();
  const host = {
    ...stores,
    clients: (id) =>
      id === clientId ? { clientId, backChannelLogoutUri, ...registered } : undefined,
    sendLogout: backChannelSender({ issuer, signingKeys, allowInsecure: true }),
    absoluteLifetime: ABSOLUTE_LIFETIME,
    now,
  };
  const management = new SessionManagement(host);
  const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  const tickets = new TicketStore(host, { keys });
  const sessions = new SessionManagement(host, { keys });
  const provider = identityProvider({
    issuer,
    accounts: await Accounts.open(),
    relyingParties: [client],
    management,
    coordination: new SessionCoordination(host, COORDINATION),
    stores: { sessions, grants: stores.grants, tickets, cookieValue, issuer },
    signingKeys,
    cookieKeys: ["of the provider's cookies"],
    clientSecrets: { [clientId]: clientSecret },
  });
  return { provider, management, signingKeys };
}
