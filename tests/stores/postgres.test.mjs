// The SQL stores on a PostgreSQL server, by each driver.
import { after, test } from "node:test";
import { testStores } from "../../pkg/testing.js";
import { startNeonService } from "../servers/neon.mjs";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { connect, connectByHttp, DRIVERS, emptyStores } from "./postgres-drivers.mjs";

const server = await startPostgres().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("the SQL stores on PostgreSQL", { skip: error.message }, () => {});
});

if (server !== undefined) {
  const service = await startNeonService(server.url);
  const databases = [];
  after(async () => {
    for (const kysely of databases) await kysely.destroy();
    await service.stop();
    await server.stop();
  });

  const testDriver = async (name, kysely) => {
    databases.push(kysely);
    await testStores(
      (promise, run) => test(`${promise}, on PostgreSQL by ${name}`, run),
      () => emptyStores(kysely),
    );
  };
  for (const driver of Object.keys(DRIVERS)) await testDriver(driver, await connect(server.url, driver));
  await testDriver("Neon's driver", await connectByHttp(server.url.replace("@", ":none@"), service.endpoint));
}
