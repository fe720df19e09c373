// Races of endings on PostgreSQL, by four processes.
import { testServerRaces } from "./ending-races.mjs";
import { startPostgresEngine } from "./postgres-engine.mjs";

await testServerRaces("PostgreSQL", startPostgresEngine);
