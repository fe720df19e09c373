// @ts-check
/**
 * The session console and its API, for administrators only.
 *
 * @module
 */

/** @import { Context, Middleware, Next } from "koa" */
/** @import { RollcallErrorCode, SessionManagement, SessionQuery, TicketSession } from "rollcall" */
/** @import { Accounts } from "../accounts.mjs" */
/** @import { BrowserSession } from "./browser-session.mjs" */

import { STATUS_CODES } from "node:http";
import { fileURLToPath } from "node:url";
import Router from "@koa/router";
import { RollcallError } from "rollcall";
import { jsonBody } from "../web/body.mjs";
import { noStore, sameOriginOnly } from "../web/guards.mjs";
import { sendFile } from "../web/static-files.mjs";
import { csrfToken } from "./csrf.mjs";
import { forbiddenPage } from "./pages.mjs";
import { seeOther } from "./routes.mjs";

const CONSOLE = fileURLToPath(new URL("../../../www", import.meta.url));

/** The package that the console runs in the page when it is opened as a demonstration. */
const PACKAGE = fileURLToPath(new URL(".", import.meta.resolve("rollcall/package.json")));

/**
 * What is the caller's fault, and what is not: HTTP status by error code.
 *
 * @type {Readonly<Record<RollcallErrorCode, number>>}
 */
const STATUS = {
  invalid_argument: 400,
  empty_target: 400,
  invalid_results_token: 400,
  results_token_mismatch: 400,
  unsupported_filter: 400,
  confirm_token_stale: 409,
  session_limit_reached: 409,
  not_configured: 501,
  store_failed: 503,
  sender_failed: 502,
  aborted: 503,
};

/**
 * @param {object} options
 * @param {string} options.issuer
 * @param {SessionManagement} options.management
 * @param {Accounts} options.accounts
 * @param {BrowserSession} options.browserSession
 */
export function adminRoutes({ issuer, management, accounts, browserSession }) {
  const router = new Router({ strict: true });
  const json = [problems, noStore, authorized, sameOriginOnly(issuer), jsonOnly, jsonBody];

  router.get("/admin/api/me", problems, noStore, authorized, (ctx) => {
    const { subjectId, sessionId, displayName } = administrator(ctx);
    ctx.body = { subjectId, sessionId, displayName };
  });

  router.post("/admin/api/query", ...json, async (ctx) => {
    // Whatever the body holds: it is Rollcall that checks it.
    const query = /** @type {SessionQuery} */ (ctx.request.body);
    ctx.body = await management.querySessions(query, { signal: untilGone(ctx) });
  });

  // Not ended when the browser goes away: a removal that was begun is carried through.
  router.post("/admin/api/remove", ...json, async (ctx) => {
    ctx.body = await management.removeSessions({
      ...Object(ctx.request.body),
      actor: administrator(ctx).subjectId,
    });
  });

  router.all("/admin/api/{*path}", problems, (ctx) => ctx.throw(404, "there is no such call"));

  router.get("/admin", (ctx) => seeOther(ctx, "/admin/"));
  router.get("/admin/pkg/{*path}", authorizedPage, (ctx) =>
    sendFile(ctx, PACKAGE, ctx.params.path ?? ""),
  );
  router.get("/admin/{*path}", authorizedPage, (ctx) =>
    sendFile(ctx, CONSOLE, ctx.params.path ?? ""),
  );

  return router;

  /** @returns {Promise<{ session: TicketSession | undefined, isAdministrator: boolean }>} */
  async function whoAsks() {
    const session = await browserSession.current();
    return {
      session,
      isAdministrator: session !== undefined && accounts.isAdministrator(session.subjectId),
    };
  }

  /**
   * @param {Context} ctx
   * @param {Next} next
   */
  async function authorized(ctx, next) {
    const { session, isAdministrator } = await whoAsks();
    if (session === undefined) ctx.throw(401, "nobody is signed in");
    if (!isAdministrator) ctx.throw(403, "only an administrator may manage sessions");
    ctx.state.administrator = session;
    await next();
  }

  /**
   * @param {Context} ctx
   * @param {Next} next
   */
  async function authorizedPage(ctx, next) {
    const { session, isAdministrator } = await whoAsks();
    if (session === undefined) {
      seeOther(ctx, `/sign-in?return=${encodeURIComponent(ctx.url)}`);
    } else if (!isAdministrator) {
      ctx.status = 403;
      ctx.body = forbiddenPage(session.displayName, csrfToken(ctx));
    } else {
      ctx.set("cache-control", "no-cache");
      await next();
    }
  }
}

/**
 * @param {Context} ctx
 * @returns {TicketSession}
 */
function administrator(ctx) {
  return ctx.state.administrator;
}

/**
 * A page of another site can send a form, but not JSON, without asking first.
 *
 * @type {Middleware}
 */
async function jsonOnly(ctx, next) {
  if (!ctx.is("application/json"))
    ctx.throw(415, "the body must be JSON, sent as `application/json`");
  await next();
}

/**
 * Answers with what went wrong as a problem document (RFC 9457), with Rollcall's code where it has
 * one.
 *
 * @type {Middleware}
 */
async function problems(ctx, next) {
  try {
    await next();
  } catch (error) {
    const { status, code, detail } = problemOf(error);
    // Nobody waits for the answer to a call that was aborted, and there is nothing to see to.
    if (status >= 500 && code !== "aborted") ctx.app.emit("error", error, ctx);
    ctx.status = status;
    ctx.body = JSON.stringify({ title: STATUS_CODES[status], status, code, detail });
    ctx.type = "application/problem+json";
  }
}

/**
 * @param {unknown} error
 * @returns {{ status: number, code?: string, detail: string }}
 */
function problemOf(error) {
  if (error instanceof RollcallError)
    return { status: STATUS[error.code], code: error.code, detail: error.message };
  if (error instanceof Error && "expose" in error && error.expose === true && "status" in error) {
    return { status: Number(error.status), detail: error.message };
  }
  return { status: 500, detail: "the server failed: its log says how" };
}

/**
 * @param {Context} ctx
 * @returns {AbortSignal} aborted when the browser no longer waits for the answer
 */
function untilGone(ctx) {
  const controller = new AbortController();
  ctx.res.once("close", () => {
    if (!ctx.res.writableEnded) controller.abort();
  });
  return controller.signal;
}
