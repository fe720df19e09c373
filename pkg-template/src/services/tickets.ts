/**
 * The sign-in path: the identity provider calls it when a user signs in, returns, or signs out.
 *
 * @module
 */

import { CoreTickets } from "../core.js";
import { KeyRing } from "../key-ring.js";
import { optionsObject } from "../options.js";
import type {
  ClientSession,
  Host,
  NewSession,
  SessionChange,
  SessionLimit,
  TicketKeys,
  TicketSession,
} from "../types.js";
import { dispose, disposed } from "./disposal.js";

/**
 * Stores sign-ins. Put the cookie value that `store` returns into an HttpOnly cookie and nowhere
 * else: it is never stored, and its row is found by its SHA-256.
 *
 * A cookie value is 64 lower-case hex digits. Any other value, of any type, means "not signed in":
 * the methods don't call the store, and return the same as for a removed session.
 *
 * @example
 * const cookie = await tickets.store({ subjectId: "12345", ticket: { role: "editor" } });
 * const session = await tickets.retrieve(cookie); // at each request
 * const next = await tickets.rotate(cookie); // after a step-up; `cookie` no longer works
 */
export class TicketStore {
  #core: CoreTickets;
  readonly #keyRing: KeyRing;

  /**
   * Checks host and keys immediately; throws `invalid_argument`.
   *
   * @param options `keys`: 256-bit keys by key id. `current` seals; keep older keys until the last
   * session that they sealed has ended. `maxSessionsPerSubject`: enforced at each sign-in.
   *
   * @example
   * const keys = { current: "2026", keys: { "2026": crypto.getRandomValues(new Uint8Array(32)) } };
   * const tickets = new TicketStore(host, {
   *   keys,
   *   maxSessionsPerSubject: { limit: 5, policy: "removeOldest" },
   * });
   */
  constructor(host: Host, options: { keys: TicketKeys; maxSessionsPerSubject?: SessionLimit }) {
    const known = ["keys", "maxSessionsPerSubject"];
    const { keys, maxSessionsPerSubject } = optionsObject(
      options,
      "the options of the ticket store",
      known,
    );
    this.#core = new CoreTickets(host, { maxSessionsPerSubject });
    this.#keyRing = new KeyRing(keys);
  }

  /**
   * Stores a sign-in and returns the value for its cookie. Rejects with `invalid_argument`,
   * `session_limit_reached` (with the policy `deny`) or `store_failed`.
   *
   * @example
   * const cookie = await tickets.store({
   *   subjectId: "alice",
   *   displayName: "Alice Ng",
   *   expires: new Date(Date.now() + 8 * 3_600_000),
   *   ticket: { role: "editor" },
   * });
   */
  store(session: NewSession): Promise<string> {
    return this.#core.store(this.#keyRing, session);
  }

  /**
   * The session of this cookie value, with its ticket opened. `undefined` if no user is signed in
   * with it: the session was removed or has expired, or its cookie value was replaced. If the
   * ticket can't be opened, the result is `undefined` too, and the event `ticket_unreadable` is
   * raised; the session can still be listed and removed.
   *
   * @example
   * const session = await tickets.retrieve(cookie);
   * if (session === undefined) console.log("not signed in");
   */
  retrieve(cookie: string | undefined): Promise<TicketSession | undefined> {
    return this.#core.retrieve(this.#keyRing, cookie);
  }

  /**
   * Renews a session. The members of `change` are set, and `renewed` becomes now. Without
   * `expires`, a session that expires keeps `renewed` and its expiry, so that the span between them
   * stays the same. Returns the cookie value that is valid from now on; `undefined` if no user is
   * signed in with this one, and then no session is created.
   *
   * The value stays the same unless `change` has another `subjectId` or `sessionId`. In that case
   * the old session ends as with `removeSessions`, a new session begins with a new value, and the
   * old value stops working immediately.
   *
   * @example
   * const next = await tickets.renew(cookie, { expires: new Date(Date.now() + 8 * 3_600_000) });
   */
  renew(cookie: string | undefined, change: SessionChange): Promise<string | undefined> {
    return this.#core.renew(this.#keyRing, cookie, change);
  }

  /**
   * Replaces the cookie value of a session and returns the new one; the old value stops working
   * immediately. Call it when the rights of a session grow, such as after a second factor. Returns
   * `undefined` if no user is signed in with this value.
   *
   * Everything else stays the same, including the session id. Don't renew the ticket at the same
   * time: a ticket written during this call may be lost.
   *
   * @example
   * const next = await tickets.rotate(cookie); // set the cookie to `next`
   */
  rotate(cookie: string | undefined): Promise<string | undefined> {
    return this.#core.rotate(this.#keyRing, cookie);
  }

  /**
   * Records that a client takes part in the session, once per client. Returns `false` if no user is
   * signed in with this cookie value.
   *
   * @example
   * await tickets.addClient(cookie, "shop"); // when the provider issues its ID token
   * await tickets.addClient(cookie, { clientId: "bank", sessionId: "its-own-sid" });
   */
  addClient(cookie: string | undefined, client: string | ClientSession): Promise<boolean> {
    return this.#core.addClient(this.#keyRing, cookie, client);
  }

  /**
   * Removes only the session: no token is revoked and no client is notified. Returns `false` if no
   * session has this cookie value.
   *
   * @example
   * await tickets.remove(cookie); // after `processLogout`
   */
  remove(cookie: string | undefined): Promise<boolean> {
    return this.#core.remove(this.#keyRing, cookie);
  }

  /**
   * Frees the memory of the service, as `using` does at the end of its block. Running calls
   * complete, and later ones fail with `invalid_argument`. Without a disposal, the memory is freed
   * when the service is garbage collected.
   */
  [dispose](): void {
    this.#core = disposed(this.#core);
  }
}
