// @ts-check
/**
 * A small application that signs users in through the identity provider, and ends their sessions
 * when it receives a logout token.
 *
 * @module
 */

/** @import { Context, Middleware } from "koa" */
/** @import { RelyingParty } from "../clients.mjs" */
/** @import { PendingSignIn } from "./provider-client.mjs" */
/** @import { Outcome, Session } from "./sessions.mjs" */

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import Router from "@koa/router";
import { createRemoteJWKSet } from "jose";
import Koa from "koa";
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from "openid-client";
import { noStore, onlyFor, sameOriginOnly, securityHeaders } from "../web/guards.mjs";
import { styleSheet } from "../web/style-sheet.mjs";
import { backChannelLogout } from "./back-channel-logout.mjs";
import { logoutTokenVerifier } from "./logout-token.mjs";
import { applicationPage, problemPage } from "./pages.mjs";
import { ProviderClient } from "./provider-client.mjs";
import { Sessions } from "./sessions.mjs";

const SESSION_COOKIE = "session";
const SIGN_IN_COOKIE = "sign-in";
const COOKIE_OPTIONS = /** @type {const} */ ({
  httpOnly: true,
  sameSite: "lax",
  overwrite: true,
  signed: false,
});

/** How long a sign-in may take, in milliseconds. */
const SIGN_IN_TIME = 10 * 60 * 1000;

/**
 * @param {object} options
 * @param {string} options.issuer it must be reachable already
 * @param {RelyingParty} options.client
 * @param {string} options.clientSecret
 * @returns {Promise<Koa>}
 */
export async function relyingPartyApplication({ issuer, client, clientSecret }) {
  const provider = await ProviderClient.discover(issuer, client, clientSecret);
  const keys = createRemoteJWKSet(provider.keysUrl);
  const sessions = new Sessions();
  /** @type {Map<string, PendingSignIn>} by the value of the browser's cookie */
  const signIns = new Map();
  const script = await readFile(new URL("watch.js", import.meta.url));

  const router = new Router();
  const form = [sameOriginOnly(client.origin)];

  router.get("/", (ctx) => {
    ctx.body = applicationPage(client, { session: sessionOf(ctx), issuer });
  });
  router.get("/watch.js", (ctx) => {
    ctx.type = "text/javascript; charset=utf-8";
    ctx.body = script;
  });
  router.get("/status", (ctx) => {
    const session = sessionOf(ctx);
    ctx.body = {
      status: session === undefined ? "signed-out" : session.isEnded ? "ended" : "signed-in",
    };
  });

  router.post("/sign-in", ...form, async (ctx) => {
    const { url, pending } = await provider.begin();
    const id = randomBytes(32).toString("base64url");
    signIns.set(id, pending);
    setTimeout(() => signIns.delete(id), SIGN_IN_TIME).unref();
    ctx.cookies.set(SIGN_IN_COOKIE, id, {
      ...COOKIE_OPTIONS,
      maxAge: SIGN_IN_TIME,
      path: "/callback",
    });
    seeOther(ctx, url.href);
  });

  router.get("/callback", async (ctx) => {
    const id = ctx.cookies.get(SIGN_IN_COOKIE) ?? "";
    const pending = signIns.get(id);
    if (pending === undefined)
      return ctx.throw(
        400,
        "this sign-in was not started in this browser, or it took too long: start again",
      );
    signIns.delete(id);
    ctx.cookies.set(SIGN_IN_COOKIE, null, { ...COOKIE_OPTIONS, path: "/callback" });
    const session = await provider.complete(ctx.querystring, pending);
    sessions.remove(ctx.cookies.get(SESSION_COOKIE));
    ctx.cookies.set(SESSION_COOKIE, sessions.add(session), COOKIE_OPTIONS);
    seeOther(ctx, "/");
  });

  router.post("/sign-out", ...form, (ctx) => {
    sessions.remove(ctx.cookies.get(SESSION_COOKIE));
    ctx.cookies.set(SESSION_COOKIE, null, COOKIE_OPTIONS);
    seeOther(ctx, "/");
  });

  router.post("/refresh", ...form, async (ctx) => {
    const session = sessionOf(ctx);
    if (session !== undefined) {
      session.outcome = await outcomeOf(async () => {
        session.tokens = await provider.refresh(session.tokens);
        return "The provider issued new tokens.";
      });
    }
    seeOther(ctx, "/");
  });

  router.post("/userinfo", ...form, async (ctx) => {
    const session = sessionOf(ctx);
    if (session !== undefined) {
      session.outcome = await outcomeOf(async () => {
        const userInfo = await provider.userInfo(session.tokens, session.sub);
        return `The provider answered: ${JSON.stringify(userInfo)}`;
      });
    }
    seeOther(ctx, "/");
  });

  const verify = logoutTokenVerifier({ issuer, clientId: client.clientId, keys });
  const app = new Koa();
  // Before `onlyFor`, because the provider calls it with another host name than browsers.
  const { pathname } = new URL(client.backChannelLogoutUri);
  app.use(
    backChannelLogout({ path: pathname, verify, end: (target) => sessions.end(target) }).routes(),
  );
  app.use(noStore);
  app.use(securityHeaders({ formAction: [issuer] }));
  app.use(onlyFor(client.origin));
  app.use(problemPages(client));
  app.use(styleSheet);
  app.use(router.routes());
  return app;

  /**
   * @param {Context} ctx
   * @returns {Session | undefined}
   */
  function sessionOf(ctx) {
    return sessions.get(ctx.cookies.get(SESSION_COOKIE));
  }
}

/**
 * @param {() => Promise<string>} use
 * @returns {Promise<Outcome>}
 */
async function outcomeOf(use) {
  try {
    return { isGood: true, text: await use() };
  } catch (error) {
    return { isGood: false, text: `The provider refused: ${refusalOf(error)}` };
  }
}

/**
 * The provider's reason for a refusal. Other errors are thrown again.
 *
 * @param {unknown} error
 * @returns {string}
 */
function refusalOf(error) {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) {
    return `${error.error}${error.error_description === undefined ? "" : ` (${error.error_description})`}`;
  }
  if (error instanceof WWWAuthenticateChallengeError)
    return String(error.cause[0]?.parameters.error ?? error.status);
  throw error;
}

/**
 * @param {RelyingParty} client
 * @returns {Middleware}
 */
function problemPages(client) {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const { status, text } = problemOf(error);
      if (status === 500) ctx.app.emit("error", error, ctx);
      ctx.status = status;
      ctx.body = problemPage(client, text);
    }
  };
}

/**
 * @param {unknown} error
 * @returns {{ status: number, text: string }}
 */
function problemOf(error) {
  if (error instanceof Error && "expose" in error && error.expose === true && "status" in error) {
    return { status: Number(error.status), text: error.message };
  }
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return { status: 400, text: `The provider refused: ${refusalOf(error)}` };
  }
  if (error instanceof ClientError)
    return { status: 400, text: `The provider's answer is not valid: ${error.message}` };
  return { status: 500, text: "The application failed: see its log." };
}

/**
 * @param {Context} ctx
 * @param {string} place
 */
function seeOther(ctx, place) {
  ctx.redirect(place);
  ctx.status = 303;
}
