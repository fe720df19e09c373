// Cloudflare D1 as an engine for the tests of all SQL engines. Each place is one of several
// databases of one Miniflare.
import { Kysely } from "kysely";
import { Miniflare } from "miniflare";
import { d1Dialect } from "../../pkg/sql.js";
import { SQLITE } from "./engines.mjs";

/**
 * Runs statements on the database of the request, several as one batch. The tests call it by HTTP
 * because Miniflare's own proxy of a database waits for each call on a shared counter. On a busy
 * machine it takes the answer of the previous call for that of the next.
 */
const SCRIPT = `
  export default {
    async fetch(request, env) {
      const { place, statements } = await request.json();
      const prepared = statements.map(({ sql, parameters }) =>
        env[place].prepare(sql).bind(
          ...parameters.map((value) => (value?.bytes ? new Uint8Array(value.bytes) : value)),
        ),
      );
      try {
        const [first] = prepared;
        const results = prepared.length === 1 ? [await first.all()] : await env[place].batch(prepared);
        return Response.json({ results });
      } catch (error) {
        return Response.json({ error: error.message });
      }
    },
  };`;

/**
 * A statement that is logged when it runs, because Kysely's own log doesn't see the statements of a
 * batch.
 */
class LoggedStatement {
  constructor(run, query, log) {
    this.run = run;
    this.query = query;
    this.log = log;
  }

  bind(...parameters) {
    return new LoggedStatement(this.run, { ...this.query, parameters }, this.log);
  }

  async all() {
    const [result] = await this.run([this.logged()]);
    return result;
  }

  logged() {
    this.log({ query: this.query });
    return this.query;
  }
}

/**
 * Starts Miniflare with a number of databases. Each can be used as a place only once, because
 * statistics remain after their rows are deleted.
 *
 * @returns {Promise<import("./engines.mjs").Engine & { stop: () => Promise<void> }>}
 */
export async function startD1Engine(/** @type {number} */ places) {
  const names = Array.from({ length: places }, (_, n) => `DB${n}`);
  const miniflare = new Miniflare({
    modules: true,
    script: SCRIPT,
    d1Databases: names,
  });
  await miniflare.ready;
  const runAt = (place) => async (statements) => {
    const body = JSON.stringify({ place, statements }, (_, value) =>
      value instanceof Uint8Array ? { bytes: [...value] } : value,
    );
    const response = await miniflare.dispatchFetch("http://d1/", { method: "POST", body });
    const { results, error } = await response.json();
    if (error !== undefined) throw new Error(error);
    return results;
  };
  return {
    ...SQLITE,
    name: "D1",
    place: async () => names.pop() ?? fail(places),
    open: (place, { log = () => {} } = {}) => {
      const run = runAt(place);
      const prepare = (sql) => new LoggedStatement(run, { sql, parameters: [] }, log);
      const batch = (statements) => run(statements.map((statement) => statement.logged()));
      return {
        kysely: new Kysely({ dialect: d1Dialect({ prepare, batch }) }),
        query: async (sql, parameters = []) => {
          const [{ results }] = await run([{ sql, parameters }]);
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
