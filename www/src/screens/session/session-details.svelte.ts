/**
 * The state of the session drawer: the session, its deliveries and the other sessions of its user.
 *
 * @module
 */

import { SvelteMap } from "svelte/reactivity";
import { type Failure, isAborted } from "../../api/failure";
import type { Delivery, EventData, Session } from "../../api/types";
import { isolated } from "../../parts/isolated";
import { connection } from "../../state/connection.svelte";
import { eventLog } from "../../state/event-log.svelte";
import { asFailure } from "../../state/failures";

/** The name of a session in the address. */
export interface SessionName {
  sessionId: string;
  subjectId?: string | undefined;
}

/** How a session ended. */
export interface SessionEnd {
  /** `gone`: it no longer exists, and no event says why. */
  kind: "removed" | "expired" | "gone";
  at?: string;
  actor?: string | undefined;
  reason?: string | undefined;
  isByUser?: boolean;
}

/** The parts around the session, which are read by themselves. */
type Part = "candidates" | "deliveries" | "others";

/** The maximum number of other sessions that are listed. */
const OTHERS = 25;
/** The pause that merges simultaneous changes into one request, in milliseconds. */
const PAUSE = 400;

export class SessionDetails {
  #name = $state.raw<SessionName>({ sessionId: "" });
  session = $state.raw<Session>();
  end = $state.raw<SessionEnd>();
  deliveries = $state.raw<readonly Delivery[]>();
  others = $state.raw<readonly Session[]>();
  /** Sessions of other users with the same id, if the address names no user. */
  candidates = $state.raw<readonly Session[]>([]);
  /** Why the session couldn't be read. */
  #sessionFailure = $state.raw<Failure>();
  /** Why a part around it couldn't be read, by part. */
  readonly #partFailures = new SvelteMap<Part, Failure>();
  /** When the session was read (epoch milliseconds). */
  readAt = $state(0);
  #stopped = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  get failure(): Failure | undefined {
    const [first] = this.#partFailures.values();
    return this.#sessionFailure ?? first;
  }

  /** The user's name, or the id. */
  get owner(): string | undefined {
    const { subjectId } = this.#name;
    const named = this.session ?? this.others?.find(({ displayName }) => displayName !== undefined);
    const name = named?.displayName ?? this.session?.subjectId ?? subjectId;
    return name === undefined ? undefined : isolated(name);
  }

  get sessionId(): string {
    return this.#name.sessionId;
  }

  get subjectId(): string | undefined {
    return this.session?.subjectId ?? this.#name.subjectId;
  }

  get isLoading(): boolean {
    return this.session === undefined && this.failure === undefined;
  }

  /** Whether the session was never found. */
  get isMissing(): boolean {
    return this.session === undefined && this.failure?.code === "session_not_found";
  }

  get canListOthers(): boolean {
    const { filters } = connection.me.capabilities;
    return filters === "all" || filters.includes("subjectId");
  }

  /** Shows a session. The result stops its requests. Call it in `$effect`. */
  show(name: SessionName): () => void {
    this.#name = name;
    this.session = undefined;
    this.end = undefined;
    this.deliveries = undefined;
    this.others = undefined;
    this.candidates = [];
    this.#sessionFailure = undefined;
    this.#partFailures.clear();
    const stopped = new AbortController();
    this.#stopped = stopped;
    this.load();
    return () => {
      stopped.abort();
      clearTimeout(this.#timer);
    };
  }

  /** Reads everything again. The screen keeps its contents until the answers arrive. */
  async load(): Promise<void> {
    const { signal } = this.#stopped;
    const isUserKnown = this.subjectId !== undefined;
    await Promise.all([
      this.#loadSession(signal),
      this.#loadDeliveries(signal),
      isUserKnown && this.#loadOthers(signal),
    ]);
    if (!isUserKnown) await this.#loadOthers(signal);
  }

  noteEvent(event: EventData): void {
    const isThis =
      "sessionId" in event &&
      event.sessionId === this.sessionId &&
      event.subjectId === this.subjectId;
    if (isThis && (event.type === "session_removed" || event.type === "session_expired")) {
      this.end = endOf(event);
    }
    if (isThis || event.subjectId === this.subjectId) this.refresh();
  }

  /** Reads everything again soon. */
  refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.load(), PAUSE);
  }

  async #loadSession(signal: AbortSignal): Promise<void> {
    // An event said that it has ended, so the answer would be 404.
    if (this.session !== undefined && this.end !== undefined) return;
    try {
      const session = await connection.api.session(this.#name, signal);
      if (signal.aborted) return;
      this.session = session;
      this.readAt = Date.now();
      this.#sessionFailure = undefined;
    } catch (thrown) {
      if (isAborted(thrown, signal)) return;
      await this.#noteFailure(asFailure(thrown), signal);
    }
  }

  async #noteFailure(failure: Failure, signal: AbortSignal): Promise<void> {
    connection.noteRefusal(failure);
    if (failure.code === "session_not_found") {
      this.end ??= this.#endFromEvents() ?? { kind: "gone" };
      // The session on screen has ended; that isn't a failure.
      if (this.session !== undefined) {
        this.#sessionFailure = undefined;
        return;
      }
    }
    this.#sessionFailure = failure;
    if (failure.code === "session_ambiguous") await this.#loadCandidates(signal);
  }

  #endFromEvents(): SessionEnd | undefined {
    const { sessionId, subjectId } = this;
    for (const { event } of eventLog.events()) {
      const isEnd = event.type === "session_removed" || event.type === "session_expired";
      const isTheirs = subjectId === undefined || event.subjectId === subjectId;
      if (isEnd && event.sessionId === sessionId && isTheirs) return endOf(event);
    }
    return undefined;
  }

  async #loadCandidates(signal: AbortSignal): Promise<void> {
    const query = { sessionId: { equals: this.sessionId }, count: "none" } as const;
    await this.#quietly("candidates", signal, async () => {
      const { results } = await connection.api.sessions({ ...query, countRequested: 100 }, signal);
      this.candidates = results;
    });
  }

  async #loadDeliveries(signal: AbortSignal): Promise<void> {
    if (!connection.me.capabilities.deliveries) return;
    const { sessionId, subjectId } = this;
    const isOfUser = subjectId !== undefined;
    const filter = { sessionId, ...(isOfUser && { subjectId }), limit: 1_000 };
    await this.#quietly("deliveries", signal, async () => {
      const [own, all] = await Promise.all([
        connection.api.deliveries(filter, signal),
        isOfUser && connection.api.deliveries({ subjectId, limit: 1_000 }, signal),
      ]);
      // A notification about all sessions of the user names none of them.
      const ofUser = all ? all.deliveries.filter(({ sessionId }) => sessionId === undefined) : [];
      this.deliveries = [...own.deliveries, ...ofUser];
    });
  }

  async #loadOthers(signal: AbortSignal): Promise<void> {
    const { subjectId, sessionId } = this;
    if (subjectId === undefined || !this.canListOthers) return;
    const query = { subjectId: { equals: subjectId }, count: "none" } as const;
    await this.#quietly("others", signal, async () => {
      const page = await connection.api.sessions({ ...query, countRequested: OTHERS + 1 }, signal);
      const others = page.results.filter((session) => session.sessionId !== sessionId);
      this.others = others.slice(0, OTHERS);
    });
  }

  /** A part that can't be read leaves the rest usable. */
  async #quietly(part: Part, signal: AbortSignal, read: () => Promise<void>): Promise<void> {
    try {
      await read();
      this.#partFailures.delete(part);
    } catch (thrown) {
      if (isAborted(thrown, signal)) return;
      const failure = asFailure(thrown);
      connection.noteRefusal(failure);
      this.#partFailures.set(part, failure);
    }
  }
}

function endOf(event: EventData): SessionEnd | undefined {
  if (event.type === "session_expired") return { kind: "expired", at: event.at };
  if (event.type !== "session_removed") return undefined;
  const { at, actor, reason, logoutReason } = event;
  return { kind: "removed", at, actor, reason, isByUser: logoutReason === "user_logout" };
}
