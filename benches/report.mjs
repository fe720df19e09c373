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
 * @param {Finding[]} peers those of the row `peers`
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

Written by \`cargo xtask bench\`. The budgets are those of the design.

${table(findings)}
${peersReport(peers)}
## How it is measured

"Times" is one thing over another in processor time, or on PostgreSQL, MariaDB and Redis, and where clients are told, on the clock, both measured in turns in the same run:
the median of many rounds, the interval in which it lies with 95 % confidence, and that in which half of the rounds lie. What is compared,
and how, each row says at its top: \`benches/rows/\`.

- Machine: ${process.platform} on ${process.arch}, ${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GiB of memory; load at the end ${(loadavg()[0] ?? 0).toFixed(1)}
- Date: ${new Date().toISOString().slice(0, 10)}
- Versions: ${versions.join(", ")}
- Sessions: subjects with 1 to 1,000 of them, one to four of 20 clients in each, names in many scripts (\`benches/sessions.mjs\`)

To repeat it: \`cargo xtask bench\`, on a machine that does nothing else. The first run fills databases of 1,000,000 sessions under
\`target/bench/\`, on SQLite, PostgreSQL (with one for each peer), MariaDB and Redis. \`cargo xtask bench --small stores\` tries out one row with fewer
sessions.
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

Rollcall next to others on one PostgreSQL server, with as many sessions of the same subjects each.
Each runs in a process of its own, on a database of its own with the indexes that it documents, and
over at most 10 connections. The sides of a round run in random order.

${table(findings)}
- "Measured" and "ms a call" are wall time: from the call to its result, on the clock of the calling
  process. If 64 checks run at once, it is their time divided by 64.
- "Processor, client" is the processor time of the calling process, with its garbage collection.
- "Processor, server" is the processor time of the PostgreSQL processes that serve its connections.
  The workers of a parallel query and the server's own background work are not in it.
- The server doesn't flush to the disk, so a commit costs less than in production.
- The statements through pg are those that Rollcall's store sends, recorded at the start. Around
  them there is nothing: no page flags, no results token, no checks.
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
