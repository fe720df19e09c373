// Races between endings on D1: batches that are sent at the same time.
import { after } from "node:test";
import { actorOn } from "./actors.mjs";
import { startD1Engine } from "./d1-engine.mjs";
import { testRaces } from "./ending-races.mjs";
import { openUnnamed } from "./support.mjs";

const engine = await startD1Engine(20);
after(() => engine.stop());
testRaces("D1", async (t) => {
  const stores = await openUnnamed(t, engine);
  const actors = Array.from({ length: 4 }, () => {
    const { perform } = actorOn(stores.kysely, engine.options);
    return (...call) => perform(call);
  });
  return { stores, query: stores.query, actors };
});
