// @ts-check
/**
 * The start page, signing in and signing out.
 *
 * @module
 */

/** @import { Context } from "koa" */
/** @import { Accounts } from "../accounts.mjs" */
/** @import { RelyingParty } from "../clients.mjs" */
/** @import { BrowserSession } from "./browser-session.mjs" */

import Router from "@koa/router";
import { formBody } from "../web/body.mjs";
import { noStore, sameOriginOnly } from "../web/guards.mjs";
import { checkedForm, csrfToken } from "./csrf.mjs";
import { homePage, signInPage } from "./pages.mjs";

/**
 * @param {object} options
 * @param {string} options.issuer
 * @param {Accounts} options.accounts
 * @param {BrowserSession} options.browserSession
 * @param {readonly RelyingParty[]} options.relyingParties
 */
export function providerRoutes({ issuer, accounts, browserSession, relyingParties }) {
  const router = new Router();
  const form = [noStore, sameOriginOnly(issuer), formBody];

  router.get("/", noStore, async (ctx) => {
    const session = await browserSession.current();
    const isAdministrator = session !== undefined && accounts.isAdministrator(session.subjectId);
    ctx.body = homePage({ session, isAdministrator, relyingParties, csrf: csrfToken(ctx) });
  });

  router.get("/sign-in", noStore, (ctx) => {
    ctx.body = signInPage({
      action: "/sign-in",
      csrf: csrfToken(ctx),
      returnTo: placeHere(ctx.query.return, issuer),
    });
  });

  router.post("/sign-in", ...form, async (ctx) => {
    const { username = "", password = "", return: place } = checkedForm(ctx);
    const returnTo = placeHere(place, issuer);
    const account = await accounts.authenticate(username, password);
    if (account === undefined) {
      ctx.status = 401;
      ctx.body = signInPage({
        action: "/sign-in",
        csrf: csrfToken(ctx),
        username,
        problem: WRONG,
        returnTo,
      });
      return;
    }
    await browserSession.signIn(ctx, account);
    seeOther(ctx, returnTo);
  });

  router.post("/sign-out", ...form, async (ctx) => {
    const { return: place } = checkedForm(ctx);
    await browserSession.signOut(ctx);
    seeOther(ctx, placeHere(place, issuer));
  });

  return router;
}

/** The same for an unknown username and a wrong password. */
export const WRONG = "The username or the password is wrong.";

/**
 * Redirects with 303, so the browser follows with GET.
 *
 * @param {Context} ctx
 * @param {string} place
 */
export function seeOther(ctx, place) {
  ctx.redirect(place);
  ctx.status = 303;
}

/**
 * The path to redirect to after a form. Other sites are refused, so that a link to the sign-in page
 * can't redirect to them.
 *
 * @param {unknown} place
 * @param {string} origin
 * @returns {string}
 */
function placeHere(place, origin) {
  if (typeof place !== "string" || !URL.canParse(place, origin)) return "/";
  const url = new URL(place, origin);
  return url.origin === new URL(origin).origin ? `${url.pathname}${url.search}` : "/";
}
