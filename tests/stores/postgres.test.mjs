import { connect } from "./postgres-drivers.mjs";
import { testOnPostgres } from "./postgres-kit.mjs";

await testOnPostgres("pg", (url) => connect(url, "pg"));
