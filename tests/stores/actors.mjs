// Several processes that work on one database, each with its own stores.
import { fork } from "node:child_process";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Kysely, MysqlDialect } from "kysely";
import { sqlStores } from "../../pkg/sql.js";

const ACTOR = fileURLToPath(new URL("actor.mjs", import.meta.url));

/** Milliseconds before a call: about the duration of a call, so that calls overlap in every way. */
const LONGEST_PAUSE = 2;

/** Open a database by the name of its engine. */
const OPENERS = {
  PostgreSQL: async (place) => {
    const { DRIVERS, OPTIONS } = await import("./postgres-drivers.mjs");
    return { kysely: new Kysely({ dialect: DRIVERS.pg(place) }), options: OPTIONS };
  },
  MariaDB: async (place) => {
    const { default: mysql } = await import("mysql2");
    const dialect = new MysqlDialect({ pool: mysql.createPool(place) });
    return { kysely: new Kysely({ dialect }), options: { dialect: "mariadb" } };
  },
  SQLite: async (place) => {
    const { engine } = await import("./engines.mjs");
    const { open, options } = await engine("libsql");
    return { kysely: open(place).kysely, options };
  },
};

/** Opens a database in this process. */
export async function openActor(name, place) {
  const { kysely, options } = await OPENERS[name](place);
  return actorOn(kysely, options);
}

/** An actor in this process. */
export function actorOn(kysely, options) {
  const stores = sqlStores(kysely, options);
  return {
    perform: async ([store, method, ...args]) => {
      const end = performance.now() + Math.random() * LONGEST_PAUSE;
      while (performance.now() < end) await setImmediate();
      return await stores[store][method](...args);
    },
    close: () => kysely.destroy(),
  };
}

/** Starts processes on a database. Each performs calls such as `["sessions", "get", key]`. */
export async function startActors(t, name, place, count) {
  return await Promise.all(Array.from({ length: count }, () => startActor(t, name, place)));
}

async function startActor(t, name, place) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = fork(ACTOR, [name, place], { env, execArgv: [] });
  t.after(() => {
    if (child.connected) child.disconnect();
  });
  const calls = new Map();
  let number = 0;
  child.on("message", ({ id, result, error }) => {
    const call = calls.get(id);
    calls.delete(id);
    if (error !== undefined) call?.reject(new Error(error));
    else call?.resolve(result);
  });
  child.once("exit", (status) => {
    for (const { reject } of calls.values()) reject(new Error(`the process ended with ${status}`));
  });
  await once(child, "message");
  return (...call) =>
    new Promise((resolve, reject) => {
      number += 1;
      calls.set(number, { resolve, reject });
      child.send({ id: number, call });
    });
}
