// @ts-check
/**
 * The identity provider: oidc-provider with pages, sign-in and the console.
 *
 * @module
 */

/** @import { Middleware } from "koa" */
/** @import { Provider } from "oidc-provider" */
/** @import { LogoutDelivery, SessionManagement } from "rollcall" */
/** @import { EventFeed } from "rollcall/http" */
/** @import { ProviderOptions } from "./configuration.mjs" */

import { onlyFor, securityHeaders } from "../web/guards.mjs";
import { styleSheet } from "../web/style-sheet.mjs";
import { adminRoutes } from "./admin.mjs";
import { BrowserSession, SESSION_COOKIE } from "./browser-session.mjs";
import { createProvider } from "./configuration.mjs";
import { withCookieValue } from "./cookie-value.mjs";
import { interactionRoutes } from "./interactions.mjs";
import { errorPage } from "./pages.mjs";
import { providerRoutes } from "./routes.mjs";

/**
 * @param {ProviderOptions & AdminServices} options
 * @returns {Provider} a Koa application
 *
 * @typedef {object} AdminServices
 * @property {SessionManagement} management
 * @property {LogoutDelivery} delivery
 * @property {EventFeed} events
 * @property {string | undefined} token with which programs call the admin API
 */
export function identityProvider(options) {
  const { issuer, accounts, relyingParties, management, coordination } = options;
  const provider = createProvider(options);
  const browserSession = new BrowserSession({
    provider,
    tickets: options.stores.tickets,
    management,
    coordination,
  });

  // After a form the browser is redirected to the application that asked for the sign-in.
  provider.use(securityHeaders({ formAction: relyingParties.map(({ origin }) => origin) }));
  provider.use(onlyFor(issuer));
  provider.use(errorPages);
  provider.use(styleSheet);
  provider.use(withCookieValue(SESSION_COOKIE));
  for (const router of [
    providerRoutes({ issuer, accounts, browserSession, relyingParties }),
    interactionRoutes({ provider, accounts, browserSession }),
    adminRoutes({ ...options, provider, browserSession }),
  ]) {
    provider.use(router.routes());
  }
  return provider;
}

/**
 * Shows the message of an error that users may see. Other errors go to the log.
 *
 * @type {Middleware}
 */
async function errorPages(ctx, next) {
  try {
    await next();
  } catch (error) {
    const isExposed =
      error instanceof Error && "expose" in error && error.expose === true && "status" in error;
    if (!isExposed) ctx.app.emit("error", error, ctx);
    ctx.status = isExposed ? Number(error.status) : 500;
    ctx.body = isExposed ? errorPage(error.message) : errorPage("the server failed", "see its log");
    ctx.type = "html";
  }
}
