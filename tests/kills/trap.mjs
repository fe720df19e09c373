// Kills a process at one of its steps. Each step is logged when it begins and ends.
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

/**
 * A moment at which a process is killed.
 *
 * @typedef {object} Moment
 * @property {number} step the number of the step, counted from 1 as they begin
 * @property {"before" | "during" | "after"} when for `during`, another thread kills, because a
 *   database in the process blocks the main thread
 * @property {number} [delay] for `during`: milliseconds after the step began
 */

/**
 * A step of a process: a call of an injected function or, `within` the call with that number, a
 * statement.
 *
 * @typedef {object} Step
 * @property {number} number
 * @property {string} step
 * @property {number} [within]
 * @property {Record<string, string>} [about] the data that the checks need
 */

/**
 * @typedef {({ event: "begin" | "end" | "kill", when?: Moment["when"] } & Step) | { event: "done"
 * }} Line of the log
 */

/** Writes synchronously, because a killed process can't write later. */
export function log(/** @type {Line} */ line) {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

export class Trap {
  #begun = 0;
  #moment;
  /** Set to 1 to make the thread kill. */
  #signal = new Int32Array(new SharedArrayBuffer(4));
  /** The step that contains the current one. */
  #outer = new AsyncLocalStorage();

  /** A trap for a moment, or one that never triggers. */
  static async set(/** @type {Moment | undefined} */ moment) {
    const trap = new Trap();
    trap.#moment = moment;
    if (moment?.when === "during") {
      const workerData = { signal: trap.#signal, delay: moment.delay };
      await once(
        new Worker(new URL("kill-thread.mjs", import.meta.url), { workerData }),
        "message",
      );
    }
    return trap;
  }

  /** Logs a call of an injected function. */
  call(step, about, work) {
    return this.#watch({ step, about }, work);
  }

  /**
   * Logs a statement of a call. Ignores statements that the driver adds and statements outside of
   * calls.
   */
  statement(words, work) {
    const outer = this.#outer.getStore();
    if (outer === undefined || outer.within !== undefined) return work();
    return this.#watch({ step: `${outer.step}: ${words}`, within: outer.number }, work);
  }

  async #watch(watched, work) {
    this.#begun += 1;
    const step = { number: this.#begun, ...watched };
    const when = step.number === this.#moment?.step ? this.#moment.when : undefined;
    if (when === "before") this.#die(step);
    log({ event: "begin", ...step });
    if (when === "during") {
      log({ event: "kill", when, ...step });
      Atomics.store(this.#signal, 0, 1);
      Atomics.notify(this.#signal, 0);
    }
    const result = await this.#outer.run(step, work);
    log({ event: "end", ...step });
    if (when === "after") this.#die(step);
    return result;
  }

  #die(step) {
    log({ event: "kill", when: this.#moment.when, ...step });
    process.kill(process.pid, "SIGKILL");
  }
}
