// Every statement is an index operation on D1 too, whose SQLite is one of its own.
import { after } from "node:test";
import { Kysely } from "kysely";
import { Miniflare } from "miniflare";
import { d1Dialect } from "../../pkg/sql.js";
import { testQueryPlans } from "./query-plans.mjs";
import { OPTIONS } from "./support.mjs";

// Each test takes a fresh one, as statistics outlive the rows that they are of.
const NAMES = Array.from({ length: 30 }, (_, n) => `DB${n}`);

const miniflare = new Miniflare({ modules: true, script: "export default {}", d1Databases: NAMES });
after(() => miniflare.dispose());
const databases = new Map(await Promise.all(NAMES.map(async (name) => [name, await miniflare.getD1Database(name)])));
const unused = [...NAMES];

/** A statement that is logged when it runs: Kysely's own log does not see what is in a batch. */
class LoggedStatement {
  constructor(statement, query, log) {
    this.statement = statement;
    this.query = query;
    this.log = log;
  }

  bind(...parameters) {
    return new LoggedStatement(this.statement.bind(...parameters), { ...this.query, parameters }, this.log);
  }

  all() {
    return this.run().all();
  }

  run() {
    this.log({ query: this.query });
    return this.statement;
  }
}

testQueryPlans({
  name: "D1",
  options: OPTIONS,
  place: async () => unused.pop(),
  open: (place, { log = () => {} } = {}) => {
    const database = databases.get(place);
    const prepare = (sql) => new LoggedStatement(database.prepare(sql), { sql, parameters: [] }, log);
    const batch = (statements) => database.batch(statements.map((statement) => statement.run()));
    return {
      kysely: new Kysely({ dialect: d1Dialect({ prepare, batch }) }),
      query: async (sql, parameters = []) => {
        const statement = database.prepare(sql).bind(...parameters);
        const { results } = await statement.all();
        return results;
      },
    };
  },
});
