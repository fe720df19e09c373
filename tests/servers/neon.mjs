// A stand-in for Neon's HTTP service, in front of a PostgreSQL server. It accepts the requests of
// `@neondatabase/serverless` and answers in the form that the driver expects.
import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import pg from "pg";

/** Values are passed on as the server wrote them: the driver parses them. */
const AS_TEXT = { getTypeParser: () => (text) => text };

/** The fields of an error that Neon passes on, besides its message. */
const ERROR_MEMBERS = ["code", "severity", "detail", "where", "constraint"];

/**
 * @param {string} connectionString of the server behind it
 * @returns {Promise<{ endpoint: string, stop: () => Promise<void> }>}
 */
export async function startNeonService(connectionString) {
  const pool = new pg.Pool({ connectionString });
  pool.on("error", () => {});
  const service = createServer(async (request, response) => {
    const body = await json(request);
    const isolation = request.headers["neon-batch-isolation-level"];
    const answer = "queries" in body ? runAll(pool, body.queries, isolation) : run(pool, body);
    const [status, result] = await answer.then(
      (result) => [200, result],
      (error) => [
        400,
        {
          message: error.message,
          ...Object.fromEntries(ERROR_MEMBERS.map((name) => [name, error[name]])),
        },
      ],
    );
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(result));
  }).listen(0, "127.0.0.1");
  await once(service, "listening");
  return {
    endpoint: `http://127.0.0.1:${service.address().port}/sql`,
    stop: async () => {
      service.closeAllConnections();
      service.close();
      await pool.end();
    },
  };
}

async function run(connection, { query, params }) {
  const { rows, rowCount, command, fields } = await connection.query({
    text: query,
    values: params,
    rowMode: "array",
    types: AS_TEXT,
  });
  return {
    rows,
    rowCount,
    command,
    fields: fields.map(({ name, dataTypeID }) => ({ name, dataTypeID })),
  };
}

async function runAll(pool, queries, isolation) {
  const client = await pool.connect();
  try {
    await client.query(
      isolation === "ReadCommitted" ? "begin isolation level read committed" : "begin",
    );
    const results = [];
    for (const query of queries) results.push(await run(client, query));
    await client.query("commit");
    return { results };
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}
