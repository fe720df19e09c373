// The SQL stores on PGlite: PostgreSQL in this process.
import { after, test } from "node:test";
import { testStores } from "../../pkg/testing.js";
import { connectToPglite, emptyStores } from "./postgres-drivers.mjs";

const kysely = await connectToPglite();
after(() => kysely.destroy());

await testStores(
  (promise, run) => test(`${promise}, on PGlite`, run),
  () => emptyStores(kysely),
);
