// @ts-check
/**
 * The interactions of oidc-provider: signing in and giving consent.
 *
 * @module
 */

/** @import { Context } from "koa" */
/** @import { InteractionResults, Provider } from "oidc-provider" */
/** @import { Accounts } from "../accounts.mjs" */
/** @import { BrowserSession } from "./browser-session.mjs" */

import Router from "@koa/router";
import { formBody } from "../web/body.mjs";
import { noStore, sameOriginOnly } from "../web/guards.mjs";
import { checkedForm, csrfToken } from "./csrf.mjs";
import { consentPage, signInPage } from "./pages.mjs";
import { seeOther, WRONG } from "./routes.mjs";

/**
 * @param {object} options
 * @param {Provider} options.provider
 * @param {Accounts} options.accounts
 * @param {BrowserSession} options.browserSession
 */
export function interactionRoutes({ provider, accounts, browserSession }) {
  const router = new Router();
  const form = [noStore, sameOriginOnly(provider.issuer), formBody];

  router.get("/interaction/:uid", noStore, async (ctx) => {
    const { prompt, session } = await provider.interactionDetails(ctx.req, ctx.res);
    const current = await browserSession.current();
    if (prompt.name === "consent") {
      ctx.body = await consentForm(ctx);
    } else if (
      current !== undefined &&
      session === undefined &&
      prompt.reasons.every((reason) => reason === "no_session")
    ) {
      // oidc-provider has no session although the user is signed in. This happens when two
      // applications sign in at the same moment.
      await browserSession.link(ctx);
      await finish(ctx, { login: { accountId: current.subjectId } });
    } else {
      ctx.body = await signInForm(ctx);
    }
  });

  router.post("/interaction/:uid/sign-in", ...form, async (ctx) => {
    const { username = "", password = "" } = checkedForm(ctx);
    const { session } = await provider.interactionDetails(ctx.req, ctx.res);
    const account = await accounts.authenticate(username, password);
    if (account === undefined) {
      ctx.status = 401;
      ctx.body = await signInForm(ctx, username, WRONG);
      return;
    }
    const current = await browserSession.current();
    if (current === undefined) {
      await browserSession.signIn(ctx, account);
    } else if (current.subjectId !== account.subjectId) {
      ctx.status = 403;
      ctx.body = await signInForm(
        ctx,
        username,
        `You are signed in as ${current.displayName}: sign out first.`,
      );
      return;
    } else if (session === undefined) {
      await browserSession.link(ctx);
    }
    // A user who enters the password again keeps the session.
    await finish(ctx, { login: { accountId: account.subjectId, amr: ["pwd"] } });
  });

  router.post("/interaction/:uid/consent", ...form, async (ctx) => {
    checkedForm(ctx);
    const { grantId, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    if (session === undefined) return ctx.throw(401, "you are not signed in");
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const consent =
      known ??
      new provider.Grant({ accountId: session.accountId, clientId: String(params.client_id) });
    consent.addOIDCScope(String(params.scope));
    await finish(ctx, { consent: { grantId: await consent.save() } });
  });

  router.post("/interaction/:uid/cancel", ...form, async (ctx) => {
    checkedForm(ctx);
    await finish(ctx, { error: "access_denied", error_description: "the user cancelled" });
  });

  return router;

  /**
   * @param {Context} ctx
   * @param {string} [entered]
   * @param {string} [problem]
   */
  async function signInForm(ctx, entered, problem) {
    const { uid, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    const known = session === undefined ? undefined : accounts.find(session.accountId)?.username;
    return signInPage({
      action: `/interaction/${uid}/sign-in`,
      csrf: csrfToken(ctx),
      clientName: await clientName(params),
      username:
        known ?? entered ?? (typeof params.login_hint === "string" ? params.login_hint : ""),
      isSameUser: known !== undefined,
      problem,
      other: { action: `/interaction/${uid}/cancel`, label: "Cancel" },
    });
  }

  /** @param {Context} ctx */
  async function consentForm(ctx) {
    const { uid, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    return consentPage({
      uid,
      csrf: csrfToken(ctx),
      clientName: await clientName(params),
      displayName: accounts.find(session?.accountId ?? "")?.displayName ?? "an unknown user",
      scopes: String(params.scope).split(" "),
    });
  }

  /** @param {Record<string, unknown>} params of the authorization request */
  async function clientName(params) {
    const client = await provider.Client.find(String(params.client_id));
    return client?.clientName ?? String(params.client_id);
  }

  /**
   * @param {Context} ctx
   * @param {InteractionResults} result
   */
  async function finish(ctx, result) {
    seeOther(ctx, await provider.interactionResult(ctx.req, ctx.res, result));
  }
}
