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
import { PEERS } from "./peers/peers.mjs";

/**
 * @param {Finding[]} findings
 * @param {Finding[]} peers the findings of the row `peers`
 */
export function report(findings, peers) {
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

Written by \`cargo xtask bench\`. The budgets come from the design.

${table(findings)}
${peersReport(peers)}
## How it is measured

"Times" is a ratio. Both sides alternate in the same run, and each round gives one ratio. The table
shows the median of many rounds, its 95 % confidence interval, and the interval that contains half
of the rounds. Processor time is measured, except on PostgreSQL, MariaDB and Redis and for
deliveries, where it's wall time. The file of each row in \`benches/rows/\` explains the comparison.

- Machine: ${process.platform} on ${process.arch}, ${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GiB of memory; load at the end ${(loadavg()[0] ?? 0).toFixed(1)}
- Date: ${new Date().toISOString().slice(0, 10)}
- Versions: ${versions.join(", ")}
- Sessions: subjects with 1 to 1,000 sessions, one to four of 20 clients in each, names in many
  scripts (\`benches/sessions.mjs\`)

To repeat the measurements, run \`cargo xtask bench\` on an idle machine. The first run fills
databases of 1,000,000 sessions under \`target/bench/\`, on SQLite, PostgreSQL (one for each peer),
MariaDB and Redis. \`cargo xtask bench --small stores\` tries one row with fewer sessions.
`;
}

/** @param {Finding[]} findings */
function peersReport(findings) {
  const notes = PEERS.map(({ name, packages, indexes, measured, lacks }) => {
    const versions = packages.map((peer) => `${peer} ${installedVersion(peer, "peers/")}`);
    return `- **${name}** (${versions.join(", ")})
  - Measured: ${measured}.
  - Indexes: ${indexes}.
  - It ${lacks}.`;
  });
  return `## Peers

Rollcall is compared with its peers on one PostgreSQL server, each with the same number of sessions
of the same subjects. Each runs in its own process, with at most 10 connections to its own database,
which has the indexes that its documentation recommends. The sides of a round run in random order.

${table(findings)}
- "Measured" and "ms a call" are wall time, from the call to its result, in the calling process. For
  64 checks at once, it's the time of all divided by 64.
- "Processor, client" is the processor time of the calling process, including garbage collection.
- "Processor, server" is the processor time of the PostgreSQL processes that serve its connections,
  without the workers of parallel queries and the server's background work.
- The server doesn't flush to the disk, so a commit costs less than in production.
- The statements through pg are the ones that Rollcall's store sends, recorded at the start. They
  run without page flags, results token and checks.
- The plain delete is one statement by user in better-auth's table, which has fewer indexes. It
  returns no sessions, revokes no tokens and records no notifications.

How each peer was measured, and what it leaves out:

${notes.join("\n")}
`;
}

/**
 * @param {string} name of an npm package
 * @param {"../" | "peers/"} workspace the folder with the package
 */
function installedVersion(name, workspace = "../") {
  const manifest = new URL(`${workspace}node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}
