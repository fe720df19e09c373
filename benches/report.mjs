// @ts-check
/**
 * The report of a run: `RESULTS.md`.
 *
 * @module
 */

/** @import { Finding } from "./findings.mjs" */

import { readFileSync } from "node:fs";
import { availableParallelism, loadavg, totalmem } from "node:os";
import { coreVersion } from "../pkg/entry/node.js";
import { mariadbVersion } from "../tests/servers/mariadb.mjs";
import { postgresVersion } from "../tests/servers/postgres.mjs";
import { redisVersion } from "../tests/servers/redis.mjs";
import { table } from "./findings.mjs";

/** @param {Finding[]} findings */
export function report(findings) {
  const versions = [
    `Rollcall ${coreVersion()}`,
    `Node ${process.versions.node}`,
    `V8 ${process.versions.v8}`,
    ...["@libsql/client", "libsql", "kysely", "pg", "mysql2", "redis"].map(
      (name) => `${name} ${installedVersion(name)}`,
    ),
    `PostgreSQL ${postgresVersion()}`,
    `MariaDB ${mariadbVersion()}`,
    `Redis ${redisVersion()}`,
  ];
  return `# Benchmarks

Written by \`cargo xtask bench\`. The budgets are those of the design.

${table(findings)}
"Times" is one thing over another in processor time, or on PostgreSQL, MariaDB and Redis, and where clients are told, on the clock, both measured in turns in the same run:
the median of many rounds, the interval in which it lies with 95 % confidence, and that in which half of the rounds lie. What is compared,
and how, each row says at its top: \`benches/rows/\`.

- Machine: ${process.platform} on ${process.arch}, ${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GiB of memory; load at the end ${(loadavg()[0] ?? 0).toFixed(1)}
- Date: ${new Date().toISOString().slice(0, 10)}
- Versions: ${versions.join(", ")}
- Sessions: subjects with 1 to 1,000 of them, one to four of 20 clients in each, names in many scripts (\`benches/sessions.mjs\`)

To repeat it: \`cargo xtask bench\`, on a machine that does nothing else. The first run fills a database of 1,000,000 sessions under
\`target/bench/\`, and servers of PostgreSQL, MariaDB and Redis beside it. \`cargo xtask bench --small stores\` tries out one row with fewer
sessions.
`;
}

/** @param {string} name of an npm package */
function installedVersion(name) {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}
