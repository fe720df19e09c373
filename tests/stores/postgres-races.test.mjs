// Races between endings on PostgreSQL, from four processes.
import { testServerRaces } from "./ending-races.mjs";
import { startPostgresEngine } from "./postgres-engine.mjs";

await testServerRaces(
  "PostgreSQL",
  startPostgresEngine,
  "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
);
