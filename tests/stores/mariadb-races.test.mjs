// Races of endings on MariaDB, by four processes.
import { testServerRaces } from "./ending-races.mjs";
import { startMariadbEngine } from "./mariadb-engine.mjs";

await testServerRaces("MariaDB", startMariadbEngine);
