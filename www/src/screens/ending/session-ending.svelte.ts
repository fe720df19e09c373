/**
 * The state of the end dialog: the choices, the dry run and the call.
 *
 * @module
 */

import { type Failure, isAborted } from "../../api/failure";
import type { EventData, RemovalBody, RemovalReport } from "../../api/types";
import { connection } from "../../state/connection.svelte";
import type { EndTarget } from "../../state/ending.svelte";
import { asFailure } from "../../state/failures";
import { DEFAULT_OPTIONS, type EndOptions, ownPart, removalBody } from "./removal-body";
import { clientsOf, isEmpty, knownClients } from "./report-summary";

/** The pause before a dry run, so that quick changes cause only one. */
const PAUSE = 200;
/** The same for changes by others. */
const LONG_PAUSE = 800;

/** The statuses of requests that the API refused before it changed anything. */
const REFUSALS: readonly (number | undefined)[] = [
  400, 401, 403, 404, 409, 413, 414, 415, 429, 501,
];

export class SessionEnding {
  readonly target: EndTarget;
  readonly own: "target" | "among" | "no";
  readonly options = $state<EndOptions>({ ...DEFAULT_OPTIONS });

  /** The report of the last dry run. */
  #preview = $state.raw<RemovalReport>();
  /** The request of the last dry run. */
  #previewed = $state.raw<RemovalBody>();
  previewFailure = $state.raw<Failure>();
  failure = $state.raw<Failure>();
  isRunning = $state(false);
  report = $state.raw<RemovalReport>();
  #clients = $state.raw<readonly string[]>([]);
  #hasFailed = $state(false);
  /** A counter; each increment runs the dry run again. */
  #refreshes = $state(0);
  #hasBegun = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The request without the reason, which changes nothing in the dry run. */
  readonly body = $derived.by(() => removalBody(this.target, this.options, connection.me));

  constructor(target: EndTarget) {
    this.target = target;
    this.own = ownPart(target, connection.me);
    this.#clients = knownClients(target);
  }

  get preview(): RemovalReport | undefined {
    return this.#preview;
  }

  /** Whether the dry run is older than the choices. */
  get isStale(): boolean {
    return this.body !== this.#previewed;
  }

  /** The clients that can be chosen: those of the sessions, and those that the user added. */
  get clients(): readonly string[] {
    return [...new Set([...this.#clients, ...this.options.clientIds])];
  }

  /** Adds a client that isn't known from the sessions. */
  addClient(clientId: string): void {
    this.#clients = [...new Set([...this.#clients, clientId])];
  }

  /** Cancels the scheduled dry run. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Whether the call ends the session of the user. */
  get endsOwn(): boolean {
    if (!this.options.endsSessions) return false;
    return this.own === "target" || (this.own === "among" && !this.options.keepsOwn);
  }

  /** Whether the session of the user is kept although it is among the sessions. */
  get keepsOwn(): boolean {
    return this.own === "among" && this.options.keepsOwn;
  }

  get lacksReason(): boolean {
    return connection.me.requireReason && this.options.reason.trim() === "";
  }

  /** Whether the call would do anything. After a failure, only the call itself can tell. */
  get canEnd(): boolean {
    if (this.body === undefined || this.isStale || this.lacksReason) return false;
    if (this.#hasFailed || this.#preview === undefined) return true;
    return !isEmpty(this.#preview);
  }

  /** Whether a failed call may have ended some of the sessions. */
  get isPartlyDone(): boolean {
    return this.failure !== undefined && !REFUSALS.includes(this.failure.status);
  }

  /** Runs the dry run for the choices. Call it in `$effect`, which calls it again on changes. */
  followChoices(): () => void {
    const { body } = this;
    const pause = this.#refreshes === 0 && !this.#hasBegun ? 0 : PAUSE;
    this.#hasBegun = true;
    const stopped = new AbortController();
    const timer = setTimeout(() => this.#dryRun(body, stopped.signal), pause);
    return () => {
      clearTimeout(timer);
      stopped.abort();
    };
  }

  /** Runs the dry run again if an event is about the sessions of the target. */
  noteEvent({ type, subjectId }: EventData): void {
    if (!["session_created", "session_removed", "session_expired"].includes(type)) return;
    const { target } = this;
    const isConcerned =
      target.kind === "subject"
        ? target.subjectId === subjectId
        : target.kind === "session"
          ? target.session.subjectId === subjectId
          : target.sessions.some((session) => session.subjectId === subjectId);
    if (isConcerned) this.refresh();
  }

  /** Runs the dry run again, quietly. */
  refresh(): void {
    if (this.isRunning || this.report !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#refreshes += 1;
    }, LONG_PAUSE);
  }

  /** Repeats a dry run that failed. */
  retryPreview(): void {
    this.previewFailure = undefined;
    this.#previewed = undefined;
    this.#refreshes += 1;
  }

  /** Ends the sessions. After a failure, only the user repeats it. */
  async end(): Promise<void> {
    const { body } = this;
    if (body === undefined || !this.canEnd || this.isRunning) return;
    const reason = this.options.reason.trim();
    this.isRunning = true;
    this.failure = undefined;
    try {
      this.report = await connection.api.remove({ ...body, ...(reason !== "" && { reason }) });
    } catch (thrown) {
      this.failure = asFailure(thrown);
      this.#hasFailed ||= this.isPartlyDone;
      connection.noteRefusal(this.failure);
    } finally {
      this.isRunning = false;
    }
    if (this.failure !== undefined && this.isPartlyDone) this.refresh();
  }

  async #dryRun(body: RemovalBody | undefined, signal: AbortSignal): Promise<void> {
    if (this.isRunning || this.report !== undefined) return;
    if (body === undefined) {
      this.#preview = undefined;
      this.#previewed = undefined;
      this.previewFailure = undefined;
      return;
    }
    try {
      const preview = await connection.api.remove({ ...body, dryRun: true }, signal);
      if (signal.aborted) return;
      this.#preview = preview;
      this.#previewed = body;
      this.previewFailure = undefined;
      const { notified, skipped } = clientsOf(preview);
      this.#clients = [
        ...new Set([...this.#clients, ...notified, ...[...skipped.values()].flat()]),
      ];
    } catch (thrown) {
      if (isAborted(thrown, signal)) return;
      this.previewFailure = asFailure(thrown);
      this.#previewed = body;
      connection.noteRefusal(this.previewFailure);
    }
  }
}
