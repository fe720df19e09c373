/**
 * A purge from its preview to its report.
 *
 * @module
 */

import type { Failure } from "../../api/failure";
import type { PurgeBody, PurgePreview } from "../../api/types";
import { address, hashOf } from "../../state/address.svelte";
import { announcer } from "../../state/announcer.svelte";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";
import { type PurgeRecord, purgeLog, purgeRunHash } from "../../state/purges.svelte";
import { type PurgeNumbers, purge as texts } from "../../texts";
import {
  filterOf,
  filterParameters,
  parseSessionQuery,
  purgeHash,
} from "../sessions/session-query";
import { effectOf } from "./failed-batch";
import { Pace } from "./pace.svelte";
import { PurgeDeliveries } from "./purge-deliveries.svelte";
import { PurgeEffects } from "./purge-effects.svelte";
import { PurgeOptions } from "./purge-options.svelte";
import { PurgeProgress } from "./purge-progress.svelte";
import { type SavedPurge, savedPurge } from "./saved-purge";
import { batchSize, isCount } from "./totals";

/**
 * - `unsure`: the filter is empty or was corrected, and the user hasn't confirmed it.
 * - `preview`: the preview is shown or requested.
 * - `running`: batches end sessions.
 * - `stopped`: sessions are left.
 * - `done`: no sessions are left.
 */
export type Phase = "unsure" | "preview" | "running" | "stopped" | "done";

/** Why a purge stopped. Without a failure the user stopped it. */
export interface Stop {
  failure?: Failure;
  /** The effect of the last batch is unknown: only a new preview shows what is left. */
  needsPreview: boolean;
}

/** The pause before changes of deliveries are saved, in milliseconds. */
const SAVE_PAUSE = 500;

export class PurgeFlow {
  /** The id in the address; absent until the purge runs. */
  #id = $state<string>();
  #at = "";
  /** The address of the list of the same sessions. */
  readonly listHash: string;
  /** The parameters that the filter comes from. */
  readonly parameters: URLSearchParams;
  /** A sentence for each part of the address that was left out. */
  readonly corrections: readonly string[];
  readonly choices: PurgeOptions;
  readonly pace = new Pace();
  readonly progress: PurgeProgress;
  readonly deliveries: PurgeDeliveries;
  readonly effects = new PurgeEffects();
  typed = $state("");

  /** The filter of the calls. It is read once, because the token is bound to it. */
  readonly filter: PurgeBody["filter"];
  #phase = $state<Phase>("preview");
  #preview = $state.raw<PurgePreview>();
  #previewFailure = $state.raw<Failure>();
  #isPreviewing = $state(false);
  #isStale = $state(false);
  #stop = $state.raw<Stop>();
  #stops = $state(false);
  #isAbandoned = false;
  /** The options of the last preview, as JSON. */
  #asked = $state("");
  #token: string | undefined;
  #asking: AbortController | undefined;
  #saving: ReturnType<typeof setTimeout> | undefined;

  /** @param record the purge to continue; absent for a new one */
  constructor(parameters: URLSearchParams, record?: PurgeRecord) {
    const saved = savedPurge(record?.contents);
    this.choices = new PurgeOptions(saved?.options);
    this.progress = new PurgeProgress(saved?.progress);
    this.deliveries = new PurgeDeliveries(this.progress, () => this.#saveSoon());
    this.parameters = filterParameters(parameters);
    this.corrections = parseSessionQuery(parameters).corrections;
    this.listHash = hashOf(["sessions"], this.parameters);
    this.filter = filterOf(this.parameters);
    if (record !== undefined && saved !== undefined) this.#continue(record, saved);
    else if (this.isEverything || this.corrections.length > 0) this.#phase = "unsure";
  }

  get id(): string | undefined {
    return this.#id;
  }

  /** The address of this purge. */
  get hash(): string {
    const query = this.parameters.toString();
    return this.#id === undefined
      ? purgeHash(this.parameters)
      : purgeRunHash({ id: this.#id, query });
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Whether the filter matches every session. */
  get isEverything(): boolean {
    return Object.keys(this.filter).length === 0;
  }

  get preview(): PurgePreview | undefined {
    return this.#preview;
  }

  get previewFailure(): Failure | undefined {
    return this.#previewFailure;
  }

  get isPreviewing(): boolean {
    return this.#isPreviewing;
  }

  /** Whether the server required this preview because the last one was out of date. */
  get isStale(): boolean {
    return this.#isStale;
  }

  get numbers(): PurgeNumbers {
    const { handled, failed, left, totals } = this.progress;
    const { endsSessions } = this.choices.options;
    return { endsSessions, handled, failed, left, ended: totals.ended };
  }

  get stopped(): Stop | undefined {
    return this.#stop;
  }

  /** Whether the purge stops after the current batch. */
  get stops(): boolean {
    return this.#stops;
  }

  /** Whether the preview belongs to the options. */
  get isCurrent(): boolean {
    return this.#asked === JSON.stringify(this.choices.scope);
  }

  /** Whether the user confirmed the preview that is shown. */
  get isConfirmed(): boolean {
    const { lacksReason, lacksClients, doesAnything } = this.choices;
    const isShown = this.isCurrent && !this.#isPreviewing && this.#previewFailure === undefined;
    const isComplete = doesAnything && !lacksReason && !lacksClients;
    return isShown && isComplete && isCount(this.typed, this.progress.count);
  }

  /** Requests the preview. The totals so far are kept. */
  async ask(): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#phase = "preview";
    this.#isPreviewing = true;
    this.#asked = JSON.stringify(this.choices.scope);
    try {
      const preview = await connection.api.previewPurge(this.#body(), asking.signal);
      if (asking.signal.aborted) return;
      this.#preview = preview;
      this.#previewFailure = undefined;
      this.#begin(preview);
      this.effects.read(this.#body(), preview, asking.signal);
      announcer.say(texts.matching(preview.count));
    } catch (thrown) {
      if (asking.signal.aborted) return;
      this.#previewFailure = asFailure(thrown);
      connection.noteRefusal(this.#previewFailure);
    }
    this.#isPreviewing = false;
  }

  /** Ends the sessions of the preview, or continues after a stop. */
  async run(): Promise<void> {
    this.#phase = "running";
    this.#stop = undefined;
    this.#stops = false;
    this.#isStale = false;
    this.pace.start();
    const limit = this.#limit;
    this.#enter();
    addEventListener("beforeunload", warn);
    try {
      let more = true;
      while (more && !this.#stops) more = await this.#batch(limit);
      if (this.#phase !== "running") return;
      if (more) this.#stop = { needsPreview: false };
      this.#show(more ? "stopped" : "done");
    } catch (thrown) {
      await this.#fail(asFailure(thrown), limit);
    } finally {
      removeEventListener("beforeunload", warn);
    }
  }

  /** Stops after the current batch. */
  stop(): void {
    this.#stops = true;
  }

  /** Gives up on the sessions that are left. */
  abandon(): void {
    this.#isAbandoned = true;
    this.save();
  }

  /** Whether the purge began, and can be continued. */
  get isOpen(): boolean {
    return this.#phase === "running" || (this.#phase === "stopped" && !this.#isAbandoned);
  }

  /** Cancels the request for the preview, and stops after the current batch. */
  leave(): void {
    this.#asking?.abort();
    this.stop();
  }

  /** Keeps this purge, so that it can be reached again and survives a reload. */
  save(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const id = this.#id;
    const phase = this.#phase;
    if (id === undefined || phase === "unsure") return;
    const contents: SavedPurge = {
      options: { ...this.choices.options },
      progress: this.progress.saved,
      token: this.#token,
      needsPreview: this.#stop?.needsPreview ?? false,
    };
    purgeLog.put({
      id,
      query: this.parameters.toString(),
      at: this.#at,
      // A new preview after a stop asks for another confirmation.
      phase: phase === "preview" ? "stopped" : phase,
      isAbandoned: this.#isAbandoned,
      numbers: this.numbers,
      contents,
    });
  }

  /** Ends up to `limit` sessions. Returns whether there are more. */
  async #batch(limit: number): Promise<boolean> {
    const { reason, endsSessions } = this.choices.options;
    const report = await connection.api.purge({
      ...this.#body(),
      confirmToken: this.#token ?? "",
      limit,
      ...(reason.trim() !== "" && { reason: reason.trim() }),
    });
    const handled = endsSessions ? report.sessionsRemoved : Math.min(limit, this.progress.left);
    this.progress.add(report, handled);
    this.pace.add(handled);
    this.#token = report.confirmToken;
    this.save();
    return report.more && report.confirmToken !== undefined;
  }

  async #fail(failure: Failure, limit: number): Promise<void> {
    connection.noteRefusal(failure);
    if (failure.code === "confirm_token_stale") {
      this.#isStale = true;
      this.typed = "";
      return this.ask();
    }
    const effect = effectOf(failure);
    if (effect !== "none") this.progress.noteLost(limit);
    this.#stop = { failure, needsPreview: effect === "unknown" };
    this.#show("stopped");
  }

  #show(phase: "stopped" | "done"): void {
    this.#phase = phase;
    this.save();
    announcer.say(phase === "done" ? texts.done(this.numbers) : texts.counts(this.numbers));
  }

  #saveSoon(): void {
    this.#saving ??= setTimeout(() => this.save(), SAVE_PAUSE);
  }

  get #limit(): number {
    return batchSize(this.progress.count, connection.me.limits.purge);
  }

  /** Gives a purge that begins to run its own address. */
  #enter(): void {
    this.#isAbandoned = false;
    if (this.#id === undefined) {
      this.#id = purgeLog.newId();
      this.#at = new Date().toISOString();
    }
    this.save();
    address.replace(this.hash);
  }

  /** Continues a purge from before a reload. */
  #continue({ id, at, phase, isAbandoned }: PurgeRecord, saved: SavedPurge): void {
    this.#id = id;
    this.#at = at;
    this.#isAbandoned = isAbandoned;
    this.#token = saved.token;
    this.#asked = JSON.stringify(this.choices.scope);
    this.#phase = phase === "done" ? "done" : "stopped";
    if (phase === "running") {
      // The page was closed before the answer to the last batch arrived.
      this.progress.noteLost(this.#limit);
      this.#stop = { needsPreview: true };
    } else this.#stop = { needsPreview: saved.needsPreview || saved.token === undefined };
  }

  #begin(preview: PurgePreview): void {
    this.#token = preview.confirmToken;
    this.choices.addClients(preview.sample.flatMap(({ clientIds }) => clientIds));
    this.progress.begin(preview.count);
  }

  #body(): PurgeBody {
    const { scope } = this.choices;
    const body = { ...scope, filter: this.filter, ...(this.isEverything && { everything: true }) };
    return body as PurgeBody;
  }
}

/** Asks the user before the page is closed. */
function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
