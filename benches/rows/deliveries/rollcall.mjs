// @ts-check
/**
 * Notifies clients with Rollcall: `LogoutDelivery` with an outbox and the sender of
 * `rollcall/logout`.
 *
 * @module
 */

/** @import { Host } from "../../../pkg/index.js" */
/** @import { BackChannelSender, SigningKey } from "../../../pkg/logout.js" */
/** @import { clientsAt } from "./notifications.mjs" */

import { LogoutDelivery } from "../../../pkg/entry/node.js";
import { backChannelSender } from "../../../pkg/logout.js";
import { ISSUER } from "./notifications.mjs";

/** @typedef {Required<Pick<Host, "sessions" | "outbox">>} Stores */

/**
 * The concurrency in total and for one origin. These are the defaults; the loop needs them too.
 */
export const OPTIONS = { concurrency: 32, perOrigin: 4 };

/**
 * Makes a sender for clients on this machine.
 *
 * @param {SigningKey} key
 */
export function localSender(key) {
  return backChannelSender({ issuer: ISSUER, signingKeys: [key], allowInsecure: true });
}

/**
 * Makes a `LogoutDelivery` for the outbox of these stores.
 *
 * @param {Stores} stores
 * @param {ReturnType<typeof clientsAt>} clients
 * @param {BackChannelSender} sendLogout
 */
export function deliveryFrom({ sessions, outbox }, clients, sendLogout) {
  const registry = new Map(clients.map((client) => [client.clientId, client]));
  return new LogoutDelivery(
    { sessions, outbox, clients: (clientId) => registry.get(clientId), sendLogout },
    OPTIONS,
  );
}

/**
 * Delivers all due notifications. Throws if one fails.
 *
 * @param {LogoutDelivery} delivery
 * @param {number} total the number of due notifications
 */
export async function deliverAll(delivery, total) {
  let delivered = 0;
  let more = true;
  while (more) {
    const pass = await delivery.deliverDue({ limit: total });
    if (pass.failed > 0 || pass.rescheduled > 0)
      throw new Error(`not all notifications were delivered: ${JSON.stringify(pass)}`);
    delivered += pass.delivered;
    more = pass.more;
  }
  if (delivered !== total)
    throw new Error(`${delivered} instead of ${total} notifications were delivered`);
}
