/**
 * The sign-in path: what the identity provider calls when somebody signs in, comes back, or leaves.
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

/** Stores sign-ins. The key that it gives belongs into an HttpOnly cookie and nowhere else. */
export class TicketStore {
  readonly #core: CoreTickets;
  readonly #keyRing: KeyRing;

  /**
   * Checks host and keys at once; throws `invalid_argument`.
   *
   * @param options `keys`: 256-bit keys by key id. `current` seals; keep older ones in the ring for
   *   as long as sessions live. `maxSessionsPerSubject`: enforced at each sign-in.
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
   * Stores a sign-in and returns the session's key. Rejects with `invalid_argument`,
   * `session_limit_reached` (by the policy `deny`) or `store_failed`.
   */
  store(session: NewSession): Promise<string> {
    return this.#core.store(this.#keyRing, session);
  }

  /**
   * The session of this key, its ticket opened; `undefined` once it was removed or has expired. A
   * ticket that does not open gives `undefined` too and the event `ticket_unreadable`; its session
   * can still be listed and removed.
   */
  retrieve(key: string): Promise<TicketSession | undefined> {
    return this.#core.retrieve(this.#keyRing, key);
  }

  /**
   * Renews a session: `renewed` becomes now, and what `change` has is changed. `false`: there is no
   * such session any more, and none is made. Another `subjectId` or `sessionId` ends the old
   * session as `removeSessions` does and begins a new one under the same key.
   */
  renew(key: string, change: SessionChange): Promise<boolean> {
    return this.#core.renew(this.#keyRing, key, change);
  }

  /**
   * Records that a client takes part in the session, once for each client. `false`: the session
   * was removed or has expired.
   */
  addClient(key: string, client: string | ClientSession): Promise<boolean> {
    return this.#core.addClient(this.#keyRing, key, client);
  }

  /**
   * Removes the session alone: no token is revoked and nobody is told. `false`: it was gone
   * already.
   */
  remove(key: string): Promise<boolean> {
    return this.#core.remove(this.#keyRing, key);
  }
}
