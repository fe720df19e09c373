// Every statement is an index operation on D1 too, which has its own build of SQLite.
import { after } from "node:test";
import { startD1Engine } from "./d1-engine.mjs";
import { testQueryPlans } from "./query-plans.mjs";

const engine = await startD1Engine(30);
after(() => engine.stop());
testQueryPlans(engine);
