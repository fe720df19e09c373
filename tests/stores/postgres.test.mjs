// The SQL stores on a PostgreSQL server, by each driver.
import { after, describe, test } from "node:test";
import { startNeonService } from "../servers/neon.mjs";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { STORE_CASES } from "./cases/index.mjs";
import { connect, connectByHttp, connectToPglite, DRIVERS, emptyStores } from "./postgres-drivers.mjs";

const server = await startPostgres().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("the SQL stores on PostgreSQL", { skip: error.message }, () => {});
});

const connections = [];
after(async () => {
  for (const kysely of connections) await kysely.destroy();
  await server?.stop();
});

async function testCases(name, kysely) {
  connections.push(kysely);
  for (const [store, cases] of Object.entries(STORE_CASES)) {
    describe(`${store} on ${name}`, () => {
      for (const { name, run } of cases) {
        test(name, () => run(() => emptyStores(kysely)));
      }
    });
  }
}

if (server !== undefined) {
  for (const driver of Object.keys(DRIVERS)) {
    await testCases(`PostgreSQL by ${driver}`, await connect(server.url, driver));
  }
  const service = await startNeonService(server.url);
  after(() => service.stop());
  await testCases("PostgreSQL by Neon's driver", await connectByHttp(server.url.replace("@", ":none@"), service.endpoint));
}
await testCases("PGlite", await connectToPglite());
