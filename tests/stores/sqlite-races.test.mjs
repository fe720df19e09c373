// Races between endings on a file of SQLite, from two processes.
import { startActors } from "./actors.mjs";
import { testRaces } from "./ending-races.mjs";
import { engine } from "./engines.mjs";
import { openUnnamed } from "./support.mjs";

const libsql = await engine("libsql");
testRaces("SQLite", async (t) => {
  const stores = await openUnnamed(t, libsql);
  return { stores, query: stores.query, actors: await startActors(t, "SQLite", stores.place, 2) };
});
