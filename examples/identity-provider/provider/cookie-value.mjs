// @ts-check
/**
 * The cookie value of the current request. The adapter of oidc-provider needs it and doesn't
 * receive the request.
 *
 * @module
 */

/** @import { Middleware } from "koa" */

import { AsyncLocalStorage } from "node:async_hooks";

/** @type {AsyncLocalStorage<{ cookie: string | undefined }>} */
const requests = new AsyncLocalStorage();

/**
 * Runs the rest of a request with the value of this cookie.
 *
 * @param {string} cookieName
 * @returns {Middleware}
 */
export function withCookieValue(cookieName) {
  return (ctx, next) =>
    requests.run({ cookie: ctx.cookies.get(cookieName, { signed: false }) }, next);
}

/**
 * @returns {string | undefined} the cookie value that this request came with or was assigned since.
 * There may be no session for it
 */
export function cookieValue() {
  return requests.getStore()?.cookie;
}

/**
 * Assigns the rest of the request to another session, or to none.
 *
 * @param {string | undefined} cookie
 */
export function setCookieValue(cookie) {
  const request = requests.getStore();
  if (request === undefined) throw new Error("a session begins or ends only within a request");
  request.cookie = cookie;
}
