// A copy of a database on D1 signs no user in.
import { after } from "node:test";
import { testCopy } from "./copies.mjs";
import { startD1Engine } from "./d1-engine.mjs";

const engine = await startD1Engine(1);
after(() => engine.stop());
testCopy(engine);
