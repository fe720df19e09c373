// Migrations of a database on D1.
import { after } from "node:test";
import { startD1Engine } from "./d1-engine.mjs";
import { testMigrations } from "./migrations.mjs";

const engine = await startD1Engine(20);
after(() => engine.stop());
testMigrations(engine);
