// @ts-check
/**
 * The relying parties of the demo. They live in the page: a logout notification to them is a
 * function call.
 *
 * @module
 */

/** @import { Client, LogoutMessage, LogoutOutcome } from "../pkg/index.js" */

/** How long a relying party takes to answer, in milliseconds: enough to be seen. */
const ANSWER_TIME = 120;

/** @type {Client[]} */
const clients = [
  {
    clientId: "mail",
    backChannelLogoutUri: "https://mail.example/logout",
    backChannelLogoutBy: "subject",
  },
  { clientId: "calendar", backChannelLogoutUri: "https://calendar.example/logout" },
  {
    clientId: "wiki",
    backChannelLogoutUri: "https://wiki.example/logout",
    backChannelLogoutSessionRequired: true,
  },
  { clientId: "billing", backChannelLogoutUri: "https://billing.example/logout" },
  { clientId: "reports", backChannelLogoutUri: "https://reports.example/logout" },
  { clientId: "legacy-erp" },
];

/** By client id. @type {ReadonlyMap<string, Client>} */
export const demoClients = new Map(clients.map((client) => [client.clientId, client]));

/**
 * Plays the relying party's side of OpenID Connect Back-Channel Logout 1.0 (section 2.8 has the
 * responses): billing refuses the token, reports is down for now, and the others sign the subject
 * out.
 *
 * @param {LogoutMessage} message
 * @returns {Promise<LogoutOutcome>}
 */
export async function answerLogout({ clientId }) {
  await new Promise((resolve) => setTimeout(resolve, ANSWER_TIME));
  switch (clientId) {
    case "billing":
      return {
        delivered: false,
        retry: false,
        status: 400,
        error: "the client refused the logout token",
      };
    case "reports":
      return { delivered: false, retry: true, status: 503, error: "the client is not available" };
    case "wiki":
      return { delivered: true, status: 204 };
    default:
      return { delivered: true, status: 200 };
  }
}
