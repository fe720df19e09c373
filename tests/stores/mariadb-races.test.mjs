// Races between endings on MariaDB, from four processes.
import { testServerRaces } from "./ending-races.mjs";
import { startMariadbEngine } from "./mariadb-engine.mjs";

await testServerRaces(
  "MariaDB",
  startMariadbEngine,
  "select count(*) as n from information_schema.innodb_trx where trx_state = 'LOCK WAIT'",
);
