/**
 * Activity in the background: users sign in, renew and sign out, and another administrator ends a
 * session now and then.
 *
 * @module
 */

import {
  type Host,
  SessionCoordination,
  SessionManagement,
  type StoredSession,
  TicketStore,
} from "rollcall";
import { USER_AGENTS } from "../../../examples/identity-provider/made-up/people.mjs";
import { SeededRandom } from "../../../examples/identity-provider/made-up/random.mjs";
import { ISSUER, madeUpAddress, madeUpAttributes, madeUpClients } from "./made-up-sessions";
import { ADMINISTRATOR, BOB, madeUpPerson } from "./people";
import { HOUR } from "./times";

/** The pause between two changes, in milliseconds. */
const LEAST_PAUSE = 3_000;
const MOST_PAUSE = 8_000;

const COLLEAGUE = "carol";
const REASONS = ["lost laptop", "left the company", "password leaked", "requested by the user"];

/** The background doesn't change these users, so that a visitor can work with their sessions. */
const LEFT_ALONE: readonly string[] = [ADMINISTRATOR.subjectId, BOB.subjectId];

class Background {
  readonly #host: Host;
  readonly #people: number;
  readonly #random = new SeededRandom(Date.now());
  readonly #tickets: TicketStore;
  readonly #management: SessionManagement;
  readonly #coordination: SessionCoordination;

  constructor(host: Host, people: number) {
    this.#host = host;
    this.#people = people;
    const key = crypto.getRandomValues(new Uint8Array(32));
    this.#tickets = new TicketStore(host, { keys: { current: "demo", keys: { demo: key } } });
    this.#management = new SessionManagement(host);
    this.#coordination = new SessionCoordination(host);
  }

  /** Schedules the next change, which schedules the one after it. */
  start(): void {
    setTimeout(
      async () => {
        // A hidden tab pauses.
        if (document.visibilityState === "visible") await this.#live();
        this.start();
      },
      this.#random.between(LEAST_PAUSE, MOST_PAUSE),
    );
  }

  async #live(): Promise<void> {
    const share = this.#random.between(1, 100);
    if (share <= 45) await this.#signIn();
    else if (share <= 80) await this.#renew();
    else if (share <= 94) await this.#signOut();
    else await this.#end();
  }

  async #signIn(): Promise<void> {
    const random = this.#random;
    await this.#tickets.store({
      ...madeUpPerson(random.between(0, this.#people)),
      issuer: ISSUER,
      expires: Date.now() + random.oneOf([8, 24, 14 * 24]) * HOUR,
      clients: madeUpClients(random),
      ipAddress: madeUpAddress(random),
      userAgent: random.oneOf(USER_AGENTS),
      attributes: madeUpAttributes(random),
    });
  }

  async #renew(): Promise<void> {
    const session = await this.#someSession();
    if (session?.expires === undefined) return;
    const expires = Date.now() + session.expires - session.renewed;
    await this.#tickets.renew(await this.#cookieOf(session), { expires });
  }

  async #signOut(): Promise<void> {
    const session = await this.#someSession();
    if (session === undefined) return;
    await this.#coordination.processLogout(session);
    await this.#tickets.remove(await this.#cookieOf(session));
  }

  async #end(): Promise<void> {
    const session = await this.#someSession();
    if (session === undefined) return;
    const { subjectId, sessionId } = session;
    const reason = this.#random.oneOf(REASONS);
    await this.#management.removeSessions({ subjectId, sessionId, actor: COLLEAGUE, reason });
  }

  /** An active session of the last two days. */
  async #someSession(): Promise<StoredSession | undefined> {
    const now = Date.now();
    const before = now - Math.floor(this.#random.fraction() * 48 * HOUR);
    const filter = { activeAt: now, created: { before } };
    const { sessions } = await this.#host.sessions.list({ filter, order: "newest", limit: 5 });
    return sessions.find(({ subjectId }) => !LEFT_ALONE.includes(subjectId));
  }

  /** The cookie values of made-up sessions are unknown, so the session gets a new one. */
  async #cookieOf({ key }: StoredSession): Promise<string> {
    const cookie = crypto.getRandomValues(new Uint8Array(32));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", cookie));
    await this.#host.sessions.update(key, { key: hex(digest) });
    return hex(cookie);
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Starts the background. `people` is the number of people who sign in. */
export function startBackground(host: Host, people: number): void {
  // Without TLS, there is no `crypto.subtle` for the keys of sessions.
  if (isSecureContext) new Background(host, people).start();
}
