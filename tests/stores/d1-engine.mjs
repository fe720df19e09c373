// Cloudflare D1 as the tests of all SQL engines see it: each place is one of several databases of
// one Miniflare.
import { Kysely } from "kysely";
import { Miniflare } from "miniflare";
import { d1Dialect } from "../../pkg/sql.js";
import { SQLITE } from "./engines.mjs";

/** A statement that is logged when it runs: Kysely's own log does not see what is in a batch. */
class LoggedStatement {
  constructor(statement, query, log) {
    this.statement = statement;
    this.query = query;
    this.log = log;
  }

  bind(...parameters) {
    return new LoggedStatement(
      this.statement.bind(...parameters),
      { ...this.query, parameters },
      this.log,
    );
  }

  all() {
    return this.run().all();
  }

  run() {
    this.log({ query: this.query });
    return this.statement;
  }
}

/**
 * Starts it with so many databases, each of which can be a place once: statistics outlive the rows
 * that they are of.
 *
 * @returns {Promise<import("./engines.mjs").Engine & { stop: () => Promise<void> }>}
 */
export async function startD1Engine(/** @type {number} */ places) {
  const names = Array.from({ length: places }, (_, n) => `DB${n}`);
  const miniflare = new Miniflare({
    modules: true,
    script: "export default {}",
    d1Databases: names,
  });
  const databases = new Map(
    await Promise.all(names.map(async (name) => [name, await miniflare.getD1Database(name)])),
  );
  return {
    ...SQLITE,
    name: "D1",
    place: async () => names.pop() ?? fail(places),
    open: (place, { log = () => {} } = {}) => {
      const database = databases.get(place);
      const prepare = (sql) =>
        new LoggedStatement(database.prepare(sql), { sql, parameters: [] }, log);
      const batch = (statements) => database.batch(statements.map((statement) => statement.run()));
      return {
        kysely: new Kysely({ dialect: d1Dialect({ prepare, batch }) }),
        query: async (sql, parameters = []) => {
          const { results } = await database
            .prepare(sql)
            .bind(...parameters)
            .all();
          return results;
        },
      };
    },
    stop: () => miniflare.dispose(),
  };
}

function fail(places) {
  throw new Error(`the tests need more than ${places} databases`);
}
