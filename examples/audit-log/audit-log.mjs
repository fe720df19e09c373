// @ts-check
/**
 * Writes events to a table, in order and in batches. Callers don't wait for it.
 *
 * @module
 */

/** @import { SessionEvent } from "rollcall" */
/** @import { AuditRow } from "./audit-table.mjs" */

import { randomUUID } from "node:crypto";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { auditRow } from "./audit-table.mjs";

/** Rows in one statement. */
const BATCH = 100;

/** The pause after a failed write, in milliseconds. It doubles with each failure. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 30_000;

/**
 * `onEvent` isn't awaited, so events wait in a bounded queue until they're written. `onLost`
 * receives the rows that don't fit, and those that `stop` can't write.
 */
export class AuditLog {
  #write;
  #onLost;
  #onError;
  #capacity;
  #writer = randomUUID();
  #number = 0;
  /**
   * Oldest first. The first rows may be being written.
   *
   * @type {AuditRow[]}
   */
  #queue = [];
  /** @type {Promise<void> | undefined} */
  #writing;
  #stopping = new AbortController();

  /**
   * @param {object} options
   * @param {(rows: readonly AuditRow[]) => Promise<void>} options.write writes all rows or none. It
   *   is repeated after a failure, so it must not write a row twice
   * @param {(rows: readonly AuditRow[]) => void} [options.onLost] receives the rows that won't be
   *   written to the table. Default: prints each to stderr as a line of JSON
   * @param {(error: unknown) => void} [options.onError] receives the error of each failed write
   * @param {number} [options.capacity] the size of the queue, in rows
   */
  constructor({ write, onLost = toStderr, onError = reportError, capacity = 10_000 }) {
    this.#write = write;
    this.#onLost = onLost;
    this.#onError = onError;
    this.#capacity = capacity;
  }

  /**
   * Records an event. Give this function to the host as `onEvent`.
   *
   * @param {SessionEvent} event
   */
  record = (event) => {
    const row = auditRow(event, { writer: this.#writer, number: ++this.#number });
    // Anyone can cause any number of denials, so they mustn't displace other events.
    const isUnknownCaller = event.type === "admin_denied" && event.actor === undefined;
    const capacity = isUnknownCaller ? this.#capacity / 2 : this.#capacity;
    if (this.#stopping.signal.aborted || this.#queue.length >= capacity) {
      this.#onLost([row]);
      return;
    }
    this.#queue.push(row);
    this.#writing ??= this.#writeAll();
  };

  /**
   * Writes the rows in the queue. Call it after the services have stopped, and before closing the
   * database.
   *
   * @param {number} [maxWait] in milliseconds
   */
  async stop(maxWait = 5_000) {
    this.#stopping.abort();
    const timeout = new AbortController();
    const tooLong = sleep(maxWait, undefined, { signal: timeout.signal }).catch(() => {});
    await Promise.race([this.#writing, tooLong]);
    timeout.abort();
    if (this.#queue.length > 0) this.#onLost(this.#queue.splice(0));
  }

  async #writeAll() {
    // The events of one call arrive in one turn of the event loop, so this writes them together.
    await setImmediate();
    const { signal } = this.#stopping;
    let pause = FIRST_PAUSE;
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      const isLastAttempt = signal.aborted;
      try {
        await this.#write(batch);
        this.#queue.splice(0, batch.length);
        pause = FIRST_PAUSE;
      } catch (error) {
        this.#onError(error);
        if (isLastAttempt) return;
        await sleep(pause, undefined, { signal }).catch(() => {});
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }
    this.#writing = undefined;
  }
}

/** @param {readonly AuditRow[]} rows */
function toStderr(rows) {
  for (const row of rows) console.error(`lost to the audit table: ${JSON.stringify(row)}`);
}

/** @param {unknown} error Its message isn't logged, because it may contain values of rows. */
function reportError(error) {
  const isNamed = error instanceof Error && "code" in error;
  console.error("writing to the audit table failed:", isNamed ? error.code : "no error code");
}
