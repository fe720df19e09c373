// A copy of a database on D1 signs nobody in.
import { after } from "node:test";
import { testCopy } from "./copies.mjs";
import { startD1Engine } from "./d1-engine.mjs";

const engine = await startD1Engine(1);
after(() => engine.stop());
testCopy(engine);
