// @ts-check
/**
 * The session of a browser, found by its cookie.
 *
 * @module
 */

/** @import { Context } from "koa" */
/** @import { Provider } from "oidc-provider" */
/**
 * @import { SessionCoordination, SessionManagement, TicketSession, TicketStore } from "rollcall"
 */
/** @import { Account } from "../accounts.mjs" */

import { parse } from "hono/utils/cookie";
import { COOKIE_OPTIONS } from "./configuration.mjs";
import { cookieValue, setCookieValue } from "./cookie-value.mjs";
import { SESSION_LIFETIME } from "./coordination.mjs";

/** The cookie that signs a browser in. It needs no signature: its value is 256 random bits. */
export const SESSION_COOKIE = "rollcall";

export class BrowserSession {
  #provider;
  #tickets;
  #management;
  #coordination;

  /**
   * @param {object} services
   * @param {Provider} services.provider
   * @param {TicketStore} services.tickets
   * @param {SessionManagement} services.management
   * @param {SessionCoordination} services.coordination
   */
  constructor({ provider, tickets, management, coordination }) {
    this.#provider = provider;
    this.#tickets = tickets;
    this.#management = management;
    this.#coordination = coordination;
  }

  /**
   * @returns {Promise<TicketSession | undefined>} the session of the current request, if it's
   *   active
   */
  async current() {
    return await this.#tickets.retrieve(cookieValue());
  }

  /**
   * @param {Request} request
   * @returns {Promise<TicketSession | undefined>} the session of a request that isn't Koa's, if
   * it's active
   */
  async of(request) {
    const cookies = parse(request.headers.get("cookie") ?? "", SESSION_COOKIE);
    return await this.#tickets.retrieve(cookies[SESSION_COOKIE]);
  }

  /**
   * Begins a session and ends the browser's previous one. The cookie value is always new, so an
   * attacker can't plant one before the sign-in (session fixation).
   *
   * @param {Context} ctx
   * @param {Account} account
   */
  async signIn(ctx, account) {
    const former = await this.current();
    if (former !== undefined) {
      const { subjectId, sessionId } = former;
      const reason = "the browser signed in again";
      await this.#management.removeSessions({
        subjectId,
        sessionId,
        reason,
        actor: account.subjectId,
      });
    }

    const expires = new Date(Date.now() + SESSION_LIFETIME * 1000);
    const cookie = await this.#tickets.store({
      subjectId: account.subjectId,
      displayName: account.displayName,
      issuer: this.#provider.issuer,
      expires,
      ipAddress: ctx.ip,
      userAgent: ctx.get("user-agent"),
    });
    setCookieValue(cookie);
    ctx.cookies.set(SESSION_COOKIE, cookie, { ...COOKIE_OPTIONS, expires, signed: false });
    await this.link(ctx);
  }

  /**
   * Signs the user in to oidc-provider too: puts its session into the ticket, and sets its cookie.
   *
   * @param {Context} ctx
   */
  async link(ctx) {
    const current = await this.current();
    if (current === undefined) return ctx.throw(401, "the session has ended");
    const session = Object.assign(new this.#provider.Session(), current.ticket, {
      uid: current.sessionId,
    });
    session.loginAccount({
      accountId: current.subjectId,
      amr: ["pwd"],
      loginTs: Math.floor(current.created / 1000),
    });
    session.resetIdentifier();
    const id = await session.save(SESSION_LIFETIME);
    const expires = current.expires === undefined ? undefined : new Date(current.expires);
    ctx.cookies.set(this.#provider.cookieName("session"), id, {
      ...COOKIE_OPTIONS,
      expires,
      signed: true,
    });
  }

  /**
   * Ends the session of this browser, and notifies every application that used it.
   *
   * @param {Context} ctx
   */
  async signOut(ctx) {
    const session = await this.current();
    if (session !== undefined) {
      // The session is removed last, so that the user can sign out again if an earlier step fails.
      await this.#coordination.processLogout(session);
      await this.#tickets.remove(cookieValue());
    }
    setCookieValue(undefined);
    for (const name of [SESSION_COOKIE, this.#provider.cookieName("session")]) {
      ctx.cookies.set(name, null, COOKIE_OPTIONS);
    }
  }
}
