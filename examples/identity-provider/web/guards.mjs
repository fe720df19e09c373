// @ts-check
/**
 * Middleware for every page: sets security headers, and refuses cross-site requests.
 *
 * @module
 */

/** @import { Middleware } from "koa" */

/**
 * Sets security headers (Content Security Policy Level 3 and related specifications).
 *
 * @param {object} [allowed]
 * @param {string[]} [allowed.formAction] origins that a form may be sent or redirected to
 * @returns {Middleware}
 */
export function securityHeaders({ formAction = [] } = {}) {
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    `form-action ${["'self'", ...formAction].join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return async (ctx, next) => {
    ctx.set({
      "content-security-policy": policy,
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      // Not `no-referrer`: with it browsers send `Origin: null` with the site's own forms.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
    });
    await next();
  };
}

/**
 * Refuses requests for other hosts, because another site can make its name resolve to this machine
 * (DNS rebinding).
 *
 * @param {...string} origins
 * @returns {Middleware}
 */
export function onlyFor(...origins) {
  const hosts = new Set(origins.map((origin) => new URL(origin).host));
  return async (ctx, next) => {
    if (!hosts.has(ctx.host)) ctx.throw(421, "this server doesn't serve that host");
    await next();
  };
}

/**
 * Refuses requests other than GET and HEAD unless a page of this origin sent them. Browsers state
 * the origin in `Origin` and `Sec-Fetch-Site` (Fetch Metadata Request Headers). Requests without
 * `Origin` are refused as well.
 *
 * @param {string} origin
 * @returns {Middleware}
 */
export function sameOriginOnly(origin) {
  return async (ctx, next) => {
    if (ctx.method !== "GET" && ctx.method !== "HEAD") {
      const site = ctx.get("sec-fetch-site");
      if (ctx.get("origin") !== origin || (site !== "" && site !== "same-origin")) {
        ctx.throw(403, "this request was not made by a page of this site");
      }
    }
    await next();
  };
}

/**
 * Keeps responses out of every cache, because they depend on the signed-in user.
 *
 * @type {Middleware}
 */
export async function noStore(ctx, next) {
  ctx.set("cache-control", "no-store");
  await next();
}
