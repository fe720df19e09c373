// The SQL stores on PGlite: PostgreSQL in this process.
import { after } from "node:test";
import { connectToPglite } from "./postgres-drivers.mjs";
import { testDatabase } from "./postgres-kit.mjs";

const kysely = await connectToPglite();
after(() => kysely.destroy());

await testDatabase("PGlite", kysely);
