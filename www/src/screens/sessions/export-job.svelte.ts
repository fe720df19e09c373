/**
 * Exports all sessions that a query matches, page by page.
 *
 * @module
 */

import { type Failure, isAborted } from "../../api/failure";
import type { SessionQuery } from "../../api/types";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";
import { type ExportFormat, writerOf } from "./export-format";
import { openFile, type Target } from "./export-target";

export type { ExportFormat } from "./export-format";

/** The state of an export. `unwritable`: the file couldn't be written. */
export type ExportState = "running" | "done" | "cancelled" | "failed" | "unwritable";

export class ExportJob {
  #state = $state<ExportState>("running");
  #rows = $state(0);
  #failure = $state.raw<Failure>();
  readonly #stopped = new AbortController();

  get state(): ExportState {
    return this.#state;
  }

  /** The number of sessions so far. */
  get rows(): number {
    return this.#rows;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  cancel(): void {
    this.#stopped.abort();
  }

  async run(query: SessionQuery, format: ExportFormat): Promise<void> {
    let target: Target | undefined;
    try {
      const { type } = writerOf(format);
      target = await openFile(`sessions-${fileTime()}.${format}`, type);
      if (target !== undefined) await this.#write(query, format, target);
      this.#state = target === undefined || this.#stopped.signal.aborted ? "cancelled" : "done";
      if (this.#state === "cancelled") await target?.abort();
      else await target?.close();
    } catch (thrown) {
      await target?.abort().catch(() => undefined);
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    const { signal } = this.#stopped;
    if (isAborted(thrown, signal)) {
      this.#state = "cancelled";
    } else if (thrown instanceof DOMException) {
      this.#state = "unwritable";
    } else {
      this.#failure = asFailure(thrown);
      this.#state = "failed";
    }
  }

  async #write(query: SessionQuery, format: ExportFormat, target: Target): Promise<void> {
    const writer = writerOf(format);
    const { signal } = this.#stopped;
    let resultsToken: string | undefined;
    for (;;) {
      const place = resultsToken === undefined ? {} : { resultsToken };
      const page = await connection.api.sessions({ ...query, ...place }, signal);
      if (signal.aborted) return;
      await target.write(writer.part(page.results, resultsToken === undefined));
      this.#rows += page.results.length;
      if (!page.hasNextResults || page.resultsToken === undefined) return;
      resultsToken = page.resultsToken;
    }
  }
}

/** The time for a file's name, such as `20261130-225651`. */
function fileTime(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}
