// A database, and the process that works on it: killed and started again, one after the other.
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
  /** Who was restarted and has done the work again is the next one to be killed. */
  #worker;

  /** @param {{ engine: string, place: string }} options */
  constructor({ engine, place }) {
    this.engine = engine;
    this.#place = place;
  }

  /**
   * Uses the database. Nobody else has it open when a process is restarted, so that it finds the
   * database as the killed one left it.
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
   * Has the process do a job, until that is done or the process is killed.
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
      // By another thread it may be killed a moment later.
      if (line.event === "done" && killOf(log) === undefined) return log;
    }
    this.#worker = undefined;
    const [code, signal] = await worker.ended;
    const how = `the process ended by ${signal ?? code} and not because it was killed: ${JSON.stringify(job)}`;
    assert.ok(signal === "SIGKILL" && killOf(log) !== undefined, how);
    return log;
  }

  async close() {
    this.#worker?.process.kill("SIGKILL");
    await this.#worker?.ended;
  }
}

/** At which step it was killed, if it was. */
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
