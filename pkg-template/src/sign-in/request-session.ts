/**
 * The session of one request, and the methods that change it.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import { optionsObject } from "../options.js";
import type {
  ClientSession,
  DeliveringCallOptions,
  NewSession,
  RemovalReport,
  SessionChange,
  TicketSession,
} from "../types.js";
import type { Settings } from "./options.js";

/** The part of a response that a session needs. */
export interface CookieTarget {
  /** Sets the header `Set-Cookie`, replacing an earlier one. */
  write(setCookie: string): void;
  /** Whether the headers have already been sent. */
  hasBegun(): boolean;
}

/**
 * The session of a request, and the methods that change it. Each method sets the cookie of the
 * response if needed, so await it before you send the response: later it rejects with
 * `invalid_argument`.
 *
 * The methods reject like those of `TicketStore` and `SessionCoordination`. If the cookie signs no
 * user in, only `signOut` clears it: another request of the same browser may have just received a
 * new value, which would be cleared as well.
 *
 * @example
 * // `req.rollcall` in Express, `c.var.rollcall` in Hono
 * const { session } = requestSession;
 * console.log(session?.displayName ?? "not signed in");
 */
export class RequestSession {
  readonly #settings: Settings;
  readonly #response: CookieTarget;
  #value: string | undefined;
  #session: TicketSession | undefined;

  private constructor(
    settings: Settings,
    response: CookieTarget,
    value: string | undefined,
    session: TicketSession | undefined,
  ) {
    this.#settings = settings;
    this.#response = response;
    this.#value = value;
    this.#session = session;
  }

  /**
   * Reads the session with the header `Cookie`. Without a cookie no store is called.
   *
   * @internal
   */
  static async read(
    settings: Settings,
    header: string | undefined,
    response: CookieTarget,
  ): Promise<RequestSession> {
    const value = settings.cookie.read(header);
    const session = value === undefined ? undefined : await settings.tickets.retrieve(value);
    return new RequestSession(settings, response, value, session);
  }

  /**
   * The session, with its ticket opened; `undefined` if no user is signed in. It was read when the
   * request came in, and again by the last call of `signIn`, `renew` or `rotate`.
   */
  get session(): TicketSession | undefined {
    return this.#session;
  }

  /**
   * Begins a session, always with a new cookie value. If this browser has a session, that one ends
   * as with `removeSessions`, even if it belongs to another user: its tokens are revoked and its
   * clients are notified (by the next pass of `LogoutDelivery` if there is an outbox).
   *
   * Returns the session, or `undefined` if `maxSessionsPerSubject` has already ended it. To keep
   * the same session, for example after asking for the password again, call `renew` and `rotate`
   * instead: a session id that this browser already has is `invalid_argument`.
   *
   * @example
   * const session = await requestSession.signIn({
   *   subjectId: "alice",
   *   expires: new Date(Date.now() + 8 * 3_600_000),
   *   ticket: { staySignedIn: true },
   * });
   */
  async signIn(newSession: NewSession): Promise<TicketSession | undefined> {
    this.#checkInTime();
    const { tickets } = this.#settings;
    const { clients = [], ...members } = optionsObject(newSession, "the new session");
    const { subjectId, sessionId } = members;
    const former = this.#value;
    // A renewal without a subject id would keep the previous one. `store` rejects these.
    const isReadable = typeof subjectId === "string" && Array.isArray(clients);
    if (former !== undefined && isReadable) {
      if (sessionId !== undefined && sessionId === this.#session?.sessionId) {
        throw invalidArgument(
          "`sessionId` is the id of the current session: leave it out to begin another one, or call `renew` and `rotate` to keep this one",
        );
      }
      const change = { scheme: "default", expires: null, sessionId: newSessionId(), ...members };
      let value = await tickets.renew(former, change);
      // Only if the ticket of a session with this same id can't be opened.
      if (value === former) value = await tickets.rotate(former);
      if (value !== undefined) return this.#take(value, clients);
    }
    return this.#take(await tickets.store(newSession));
  }

  /**
   * Changes the session like `TicketStore.renew`, and sets a persistent cookie again. Returns the
   * session; `undefined` if it has ended.
   *
   * @example
   * await requestSession.renew({ expires: new Date(Date.now() + 8 * 3_600_000) });
   */
  async renew(change: SessionChange): Promise<TicketSession | undefined> {
    this.#checkInTime();
    return this.#goOn(await this.#settings.tickets.renew(this.#value, change));
  }

  /**
   * Replaces the cookie value; the old one stops working immediately. Call it when the rights of
   * the session grow, such as after a second factor. Returns the session; `undefined` if it has
   * ended.
   *
   * @example
   * await requestSession.renew({ ticket: { secondFactor: true } });
   * await requestSession.rotate();
   */
  async rotate(): Promise<TicketSession | undefined> {
    this.#checkInTime();
    return this.#goOn(await this.#settings.tickets.rotate(this.#value));
  }

  /**
   * Records that a client takes part in the session, so that it is notified when the session ends.
   * Returns `false` if no user is signed in. `session` doesn't change.
   *
   * @example
   * await requestSession.addClient("shop"); // when the provider issues its ID token
   */
  addClient(client: string | ClientSession): Promise<boolean> {
    return this.#settings.tickets.addClient(this.#value, client);
  }

  /**
   * Ends the session and clears the cookie. With `coordination`, it first revokes the tokens of
   * coordinating clients and notifies all clients, like `processLogout`, and returns the report. If
   * a step fails, the call rejects, and session and cookie stay: repeating the call completes it.
   *
   * @param options for `processLogout`: on Cloudflare Workers pass `waitUntil`
   *
   * @example
   * const report = await requestSession.signOut();
   * console.log(report?.notifications.delivered);
   */
  async signOut(options?: DeliveringCallOptions): Promise<RemovalReport | undefined> {
    this.#checkInTime();
    const { tickets, coordination, cookie } = this.#settings;
    let report: RemovalReport | undefined;
    if (this.#session !== undefined) {
      report = await coordination?.processLogout(this.#session, options);
      await tickets.remove(this.#value);
    }
    this.#value = undefined;
    this.#session = undefined;
    this.#response.write(cookie.cleared());
    return report;
  }

  /**
   * Checked before anything changes: a cookie value that the browser doesn't receive would sign its
   * user out.
   */
  #checkInTime(): void {
    if (this.#response.hasBegun()) {
      throw invalidArgument("the response has begun: await this call before you send it");
    }
  }

  #goOn(value: string | undefined): Promise<TicketSession | undefined> {
    if (value !== undefined) return this.#take(value);
    this.#session = undefined;
    return Promise.resolve(undefined);
  }

  /** Switches to this value: sets the cookie and reads the session. */
  async #take(
    value: string,
    clients: readonly (string | ClientSession)[] = [],
  ): Promise<TicketSession | undefined> {
    const { tickets, cookie } = this.#settings;
    const isNew = value !== this.#value;
    this.#value = value;
    this.#session = undefined;
    // Immediately: if a later step fails, the browser must not keep a value that no longer works.
    if (isNew) this.#response.write(cookie.issued(value));
    for (const client of clients) await tickets.addClient(value, client);
    const session = await tickets.retrieve(value);
    this.#session = session;
    if (session !== undefined) {
      const maxAge = cookie.maxAge(session);
      if (maxAge !== undefined) this.#response.write(cookie.issued(value, maxAge));
    } else if (isNew) {
      this.#response.write(cookie.cleared());
    }
    return session;
  }
}

/** 16 random bytes in hex, like the session ids of `TicketStore`. */
function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
