/**
 * The effects of a purge on tokens, consents and clients: a dry run of its first sessions.
 *
 * @module
 */

import { type Failure, isAborted } from "../../api/failure";
import type { PurgeBody, PurgePreview, PurgeReport } from "../../api/types";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";

/** The maximum number of sessions in the dry run, so that it's fast. */
const MOST = 1_000;

export class PurgeEffects {
  #report = $state.raw<PurgeReport>();
  #failure = $state.raw<Failure>();

  /** The report of the dry run; absent until it's read. */
  get report(): PurgeReport | undefined {
    return this.#report;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** The number of sessions in the dry run. The purge ends the oldest sessions first. */
  get count(): number {
    return this.#count;
  }
  #count = $state(0);

  async read(body: PurgeBody, preview: PurgePreview, signal: AbortSignal): Promise<void> {
    this.#failure = undefined;
    if (preview.count === 0) {
      this.#report = undefined;
      return;
    }
    const { confirmToken } = preview;
    const limit = Math.min(MOST, preview.count);
    const dryRun = { ...body, confirmToken, limit, dryRun: true };
    try {
      const report = await connection.api.purge(dryRun, signal);
      if (signal.aborted) return;
      this.#report = report;
      this.#count = limit;
    } catch (thrown) {
      if (signal.aborted || isAborted(thrown, signal)) return;
      this.#report = undefined;
      this.#failure = asFailure(thrown);
      connection.noteRefusal(this.#failure);
    }
  }
}
