/**
 * The session of one request, and the ways to change it.
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
  /** Sets the header `Set-Cookie`, in place of one that it set before. */
  write(setCookie: string): void;
  /** Whether it is too late for that. */
  hasBegun(): boolean;
}

/**
 * The session of a request, and the ways to change it. Each method sets the cookie of the response
 * as needed, so await it before you send the response: later it is `invalid_argument`.
 *
 * The methods reject as those of `TicketStore` and `SessionCoordination` do. Only `signOut` clears
 * a cookie that signs no user in: another request of the same browser may just have been given a
 * new value, which would be cleared with it.
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
   * Reads the session by the header `Cookie`. Without a cookie no store is asked.
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
   * The session, with its ticket opened; `undefined`: no user is signed in. It was read when the
   * request came in, and again by the last of the methods `signIn`, `renew` and `rotate`.
   */
  get session(): TicketSession | undefined {
    return this.#session;
  }

  /**
   * Begins a session, always with a new cookie value. If this browser has a session, that one ends
   * as by `removeSessions`, also if it is another user's: its tokens are revoked and its clients
   * are notified, with the next pass of `LogoutDelivery` if there is an outbox.
   *
   * Returns the session, or `undefined` if `maxSessionsPerSubject` ended it again at once. To go on
   * with the same session, say after the password was asked for again, call `renew` and `rotate`
   * instead: a session id that this browser has is `invalid_argument`.
   */
  async signIn(newSession: NewSession): Promise<TicketSession | undefined> {
    this.#checkInTime();
    const { tickets } = this.#settings;
    const { clients = [], ...members } = optionsObject(newSession, "the new session");
    const { subjectId, sessionId } = members;
    const former = this.#value;
    // A renewal without a subject id would keep the former one. `store` refuses these.
    const isReadable = typeof subjectId === "string" && Array.isArray(clients);
    if (former !== undefined && isReadable) {
      if (sessionId !== undefined && sessionId === this.#session?.sessionId) {
        throw invalidArgument(
          "`sessionId` is that of the present session: leave it out to begin another one, or call `renew` and `rotate` to go on with this one",
        );
      }
      const change = { scheme: "default", expires: null, sessionId: newSessionId(), ...members };
      let value = await tickets.renew(former, change);
      // Only if the ticket of a session with this very id doesn't open.
      if (value === former) value = await tickets.rotate(former);
      if (value !== undefined) return this.#take(value, clients);
    }
    return this.#take(await tickets.store(newSession));
  }

  /**
   * Changes the session as `TicketStore.renew` does, and sets a persistent cookie again. Returns
   * the session; `undefined` if it has ended.
   */
  async renew(change: SessionChange): Promise<TicketSession | undefined> {
    this.#checkInTime();
    return this.#goOn(await this.#settings.tickets.renew(this.#value, change));
  }

  /**
   * Replaces the cookie value: the former one stops working at once. Call it when the rights of the
   * session grow, such as after a second factor. Returns the session; `undefined` if it has ended.
   */
  async rotate(): Promise<TicketSession | undefined> {
    this.#checkInTime();
    return this.#goOn(await this.#settings.tickets.rotate(this.#value));
  }

  /**
   * Records that a client takes part in the session, so that it is notified when the session ends.
   * `false`: no user is signed in. `session` stays as it was read.
   */
  addClient(client: string | ClientSession): Promise<boolean> {
    return this.#settings.tickets.addClient(this.#value, client);
  }

  /**
   * Ends the session and clears the cookie. With `coordination` it first revokes the tokens of the
   * clients that coordinate and notifies all clients, as `processLogout` does, and returns the
   * report. If a step fails, it rejects, and session and cookie stay: the same call again completes
   * it.
   *
   * @param options for `processLogout`: on Cloudflare Workers pass `waitUntil`
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

  /** Before anything changes: a value that the browser doesn't get signs its user out. */
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

  /** Goes on with this value: sets the cookie and reads the session. */
  async #take(
    value: string,
    clients: readonly (string | ClientSession)[] = [],
  ): Promise<TicketSession | undefined> {
    const { tickets, cookie } = this.#settings;
    const isNew = value !== this.#value;
    this.#value = value;
    this.#session = undefined;
    // At once: if a step below fails, the browser must not be left with a value that has stopped
    // working.
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

/** 16 random bytes, hex, as `TicketStore` makes them. */
function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
