// Where a process dies: each of its steps is written down as it begins and ends, and at one of them
// the process is killed.
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

/**
 * A moment at which a process is killed.
 *
 * @typedef {object} Moment
 * @property {number} step of all that begin, counted from 1
 * @property {"before" | "during" | "after"} when `during` is by another thread, for a database in
 * the process holds up this one
 * @property {number} [delay] for `during`: how long after the step began, in milliseconds
 */

/**
 * A step of a process: a call of an injected function or, `within` the call of that number, a
 * statement.
 *
 * @typedef {object} Step
 * @property {number} number
 * @property {string} step
 * @property {number} [within]
 * @property {Record<string, string>} [about] what it is about, where that matters
 */

/**
 * @typedef {({ event: "begin" | "end" | "kill", when?: Moment["when"] } & Step) | { event: "done"
 * }} Line of the log
 */

/** Written before this returns: who is killed cannot write later. */
export function log(/** @type {Line} */ line) {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

export class Trap {
  #begun = 0;
  #moment;
  /** Set to 1 to have the thread kill. */
  #signal = new Int32Array(new SharedArrayBuffer(4));
  /** The step that the present one is a part of. */
  #outer = new AsyncLocalStorage();

  /** A trap that is set, or one that never closes. */
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

  /** A call of an injected function. */
  call(step, about, work) {
    return this.#watch({ step, about }, work);
  }

  /** A statement of a call. What the driver makes of it, and what no call asked for, is none. */
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
