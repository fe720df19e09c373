// @ts-check
/**
 * The admin API for programs, such as the command `rollcall`: for one token, which is in a file.
 *
 * @module
 */

/** @import { Middleware } from "koa" */
/** @import { LogoutDelivery, SessionManagement } from "rollcall" */
/** @import { EventFeed } from "rollcall/http" */

import { getRequestListener } from "@hono/node-server";
import { adminApi, staticSecret } from "rollcall/http";

/**
 * @typedef {object} AdminApiParts
 * @property {SessionManagement} management
 * @property {LogoutDelivery} delivery
 * @property {EventFeed} events
 * @property {string} token
 */

/**
 * Answers below `/admin/v1/`.
 *
 * @param {string} issuer
 * @param {AdminApiParts} parts
 * @returns {Middleware}
 */
export function adminApiRoutes(issuer, { management, delivery, events, token }) {
  const api = adminApi({
    management,
    delivery,
    events,
    basePath: "/admin",
    origin: issuer,
    authorize: staticSecret({
      secret: token,
      actor: "command-line",
      permissions: ["read", "remove", "purge"],
    }),
  });
  const listener = getRequestListener((request) => api(request));
  return async (ctx, next) => {
    if (!ctx.path.startsWith("/admin/v1/")) return await next();
    // The listener answers by itself.
    ctx.respond = false;
    await listener(ctx.req, ctx.res);
  };
}
