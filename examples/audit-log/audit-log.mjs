// @ts-check
/**
 * Writes events to a table, in order and in batches, without making anyone wait.
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
 * `onEvent` isn't awaited, so events wait in a queue until the table has them. The queue is
 * bounded: what doesn't fit goes to `onLost`, as do the rows that `stop` can't write.
 */
export class AuditLog {
  #write;
  #onLost;
  #onError;
  #capacity;
  #writer = randomUUID();
  #number = 0;
  /**
   * Oldest first. The first ones may be on their way to the table.
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
   * @param {(rows: readonly AuditRow[]) => void} [options.onLost] receives the rows that the table
   *   won't get. Default: stderr, one line of JSON each
   * @param {(error: unknown) => void} [options.onError] receives the error of each failed write
   * @param {number} [options.capacity] of the queue, in rows
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
    // Anyone can cause denials, as many as they like. They can't take the places of other events.
    const isStrangers = event.type === "admin_denied" && event.actor === undefined;
    const places = isStrangers ? this.#capacity / 2 : this.#capacity;
    if (this.#stopping.signal.aborted || this.#queue.length >= places) {
      this.#onLost([row]);
      return;
    }
    this.#queue.push(row);
    this.#writing ??= this.#writeAll();
  };

  /**
   * Writes what is in the queue. Call it when the services have stopped, and before the database is
   * closed.
   *
   * @param {number} [patience] in milliseconds: how long that may take
   */
  async stop(patience = 5_000) {
    this.#stopping.abort();
    const timeout = new AbortController();
    const tooLong = sleep(patience, undefined, { signal: timeout.signal }).catch(() => {});
    await Promise.race([this.#writing, tooLong]);
    timeout.abort();
    if (this.#queue.length > 0) this.#onLost(this.#queue.splice(0));
  }

  async #writeAll() {
    // The events of one call come in one turn, and go to the table together.
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

/** @param {unknown} error Its message may have values of rows, which belong in the table only. */
function reportError(error) {
  const isNamed = error instanceof Error && "code" in error;
  console.error("writing to the audit table failed:", isNamed ? error.code : "no error code");
}
