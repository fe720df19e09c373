import { connect } from "./postgres-drivers.mjs";
import { testOnPostgres } from "./postgres-kit.mjs";

await testOnPostgres("postgres.js", (url) => connect(url, "postgres.js"));
