// A database, and the process that works on it. The process is killed and restarted repeatedly.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { bundledWorker } from "./bundle.mjs";
import { openDatabase } from "./databases.mjs";

const WORKER = await bundledWorker();

export class Lane {
  engine;
  #place;
  /** The process that was restarted and has repeated the work. It's killed next. */
  #worker;

  /** @param {{ engine: string, place: string }} options */
  constructor({ engine, place }) {
    this.engine = engine;
    this.#place = place;
  }

  /**
   * Uses the database. No other process has it open when a process is restarted, so the restarted
   * process finds the database as the killed one left it.
   */
  async use(work) {
    const database = await openDatabase(this.engine, this.#place);
    try {
      return await work(database);
    } finally {
      await database.kysely.destroy();
    }
  }

  /**
   * Runs a job in the process until it's done or the process is killed.
   *
   * @param {import("./worker.mjs").Job} job
   * @returns {Promise<import("./trap.mjs").Line[]>}
   */
  async run(job) {
    this.#worker ??= startWorker(this.engine, this.#place);
    const worker = this.#worker;
    worker.process.send(job);
    const log = [];
    for (;;) {
      const { value: text, done: isClosed } = await worker.lines.next();
      if (isClosed) break;
      const line = JSON.parse(text);
      log.push(line);
      // Another thread may kill it a moment later.
      if (line.event === "done" && killOf(log) === undefined) return log;
    }
    this.#worker = undefined;
    const [code, signal] = await worker.ended;
    const how = `the process ended by ${signal ?? code} and was not killed: ${JSON.stringify(job)}`;
    assert.ok(signal === "SIGKILL" && killOf(log) !== undefined, how);
    return log;
  }

  async close() {
    this.#worker?.process.kill("SIGKILL");
    await this.#worker?.ended;
  }
}

/** The step at which it was killed, if any. */
export function killOf(/** @type {import("./trap.mjs").Line[]} */ log) {
  return log.find(({ event }) => event === "kill");
}

function startWorker(engine, place) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const worker = fork(WORKER, [engine, place], {
    env,
    execArgv: [],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
  return { process: worker, lines, ended: once(worker, "exit") };
}
