// @ts-check
/**
 * The session console and its API, for administrators only.
 *
 * @module
 */

/** @import { Context, Next } from "koa" */
/** @import { Provider } from "oidc-provider" */
/** @import { LogoutDelivery, SessionManagement } from "rollcall" */
/** @import { Actor, Authorize, EventFeed, Permission } from "rollcall/http" */
/** @import { Accounts } from "../accounts.mjs" */
/** @import { BrowserSession } from "./browser-session.mjs" */

import { getRequestListener } from "@hono/node-server";
import Router from "@koa/router";
import { consoleFiles } from "rollcall/console";
import { adminApi, staticSecret } from "rollcall/http";
import { csrfToken } from "./csrf.mjs";
import { forbiddenPage } from "./pages.mjs";
import { seeOther } from "./routes.mjs";

/**
 * @param {object} options
 * @param {Provider} options.provider
 * @param {SessionManagement} options.management
 * @param {LogoutDelivery} options.delivery
 * @param {EventFeed} options.events
 * @param {Accounts} options.accounts
 * @param {BrowserSession} options.browserSession
 * @param {string | undefined} options.token for programs, such as the command `rollcall`
 */
export function adminRoutes(options) {
  const { provider, management, delivery, events, accounts, browserSession, token } = options;
  /** @type {Authorize} */
  const byToken =
    token === undefined
      ? () => false
      : staticSecret({
          secret: token,
          actor: "command-line",
          permissions: ["read", "remove", "purge"],
        });
  const api = adminApi({
    management,
    delivery,
    events,
    authorize,
    basePath: "/admin/api",
    origin: new URL(provider.issuer).origin,
    signIn: "/sign-in?return={return}",
    onError: (error) => provider.emit("error", error),
  });
  // Aborts the request's signal when the browser disconnects, and forwards a stream chunk by chunk.
  const listener = getRequestListener((request) => api(request), { overrideGlobalObjects: false });
  const files = getRequestListener(consoleFiles({ basePath: "/admin" }), {
    overrideGlobalObjects: false,
  });

  const router = new Router({ strict: true });
  router.all("/admin/api/{*path}", async (ctx) => {
    ctx.respond = false;
    await listener(ctx.req, ctx.res);
  });
  router.all(["/admin", "/admin/{*path}"], authorizedPage, async (ctx) => {
    ctx.respond = false;
    // Its security headers replace those of the provider's own pages.
    await files(ctx.req, ctx.res);
  });
  return router;

  /**
   * Administrators, and programs with the token, have all permissions. Other users have none.
   *
   * @param {Request} request
   * @param {Permission | undefined} permission
   * @returns {Promise<Actor | false | "forbidden">}
   */
  async function authorize(request, permission) {
    const session = await browserSession.of(request);
    if (session === undefined) return byToken(request, permission);
    const { subjectId, sessionId, displayName, created } = session;
    const isAdministrator = accounts.isAdministrator(subjectId);
    // Every actor may call `GET /v1/me`.
    if (!isAdministrator && permission === undefined) return "forbidden";
    return {
      actor: subjectId,
      // The API refuses an actor without permissions, and `admin_denied` names it.
      permissions: isAdministrator ? ["read", "remove", "purge"] : [],
      subjectId,
      sessionId,
      displayName,
      // Each sign-in begins a new session.
      authTime: new Date(created),
    };
  }

  /**
   * @param {Context} ctx
   * @param {Next} next
   */
  async function authorizedPage(ctx, next) {
    const session = await browserSession.current();
    if (session === undefined) {
      seeOther(ctx, `/sign-in?return=${encodeURIComponent(ctx.url)}`);
    } else if (!accounts.isAdministrator(session.subjectId)) {
      ctx.status = 403;
      ctx.body = forbiddenPage(session.displayName, csrfToken(ctx));
    } else {
      await next();
    }
  }
}
