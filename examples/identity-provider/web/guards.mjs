// @ts-check
/**
 * What stands in front of every page: response headers, and the refusal of requests that no page of
 * this site made.
 *
 * @module
 */

/** @import { Middleware } from "koa" */

/**
 * Headers that keep a page to itself (Content Security Policy Level 3 and its companions).
 *
 * @param {object} [allowed]
 * @param {string[]} [allowed.formAction] origins to which a form may lead, at once or by a redirect
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
      // Not `no-referrer`: with it a browser sends `Origin: null` along with the site's own forms.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
    });
    await next();
  };
}

/**
 * Refuses a request for another host: a page that made its own name point at this machine (DNS
 * rebinding) gets nothing.
 *
 * @param {...string} origins
 * @returns {Middleware}
 */
export function onlyFor(...origins) {
  const hosts = new Set(origins.map((origin) => new URL(origin).host));
  return async (ctx, next) => {
    if (!hosts.has(ctx.host)) ctx.throw(421, "this server does not answer for that host");
    await next();
  };
}

/**
 * Refuses a request that may change something unless a page of this very origin made it. Browsers
 * say so in `Origin`, and in `Sec-Fetch-Site` (Fetch Metadata Request Headers); a request that says
 * neither is refused as well.
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
 * Keeps what depends on who is signed in out of every cache.
 *
 * @type {Middleware}
 */
export async function noStore(ctx, next) {
  ctx.set("cache-control", "no-store");
  await next();
}
