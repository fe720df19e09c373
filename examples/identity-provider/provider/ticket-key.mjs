// @ts-check
/**
 * The session key that the browser of the current request showed, for code that gets no request:
 * the adapter under oidc-provider.
 *
 * @module
 */

/** @import { Middleware } from "koa" */

import { AsyncLocalStorage } from "node:async_hooks";

/** @type {AsyncLocalStorage<{ key: string | undefined }>} */
const requests = new AsyncLocalStorage();

/**
 * Runs the rest of a request with the key in this cookie.
 *
 * @param {string} cookieName
 * @returns {Middleware}
 */
export function withTicketKey(cookieName) {
  return (ctx, next) => requests.run({ key: ctx.cookies.get(cookieName, { signed: false }) }, next);
}

/**
 * @returns {string | undefined} the key of the session that this request belongs to, whether it is
 * still stored or not
 */
export function ticketKey() {
  return requests.getStore()?.key;
}

/**
 * From here on the request belongs to another session, or to none.
 *
 * @param {string | undefined} key
 */
export function setTicketKey(key) {
  const request = requests.getStore();
  if (request === undefined) throw new Error("a session begins or ends only within a request");
  request.key = key;
}
