// @ts-check
/**
 * The cookie value that the browser of the current request showed, for code that gets no request:
 * the adapter under oidc-provider.
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
 * @returns {string | undefined} the cookie value that this request came with, or that it was given,
 * whether a session has it or not
 */
export function cookieValue() {
  return requests.getStore()?.cookie;
}

/**
 * From here on the request belongs to another session, or to none.
 *
 * @param {string | undefined} cookie
 */
export function setCookieValue(cookie) {
  const request = requests.getStore();
  if (request === undefined) throw new Error("a session begins or ends only within a request");
  request.cookie = cookie;
}
