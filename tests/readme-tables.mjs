/**
 * The tables of hosts and stores in the README, from the last run of `cargo xtask test`:
 * `node tests/readme-tables.mjs RECORDS` writes them, and with `--check` compares them.
 *
 * The check ignores versions, because the system's packages differ between machines. Exit status: 0
 * if the tables are right, 1 if not, 77 if the run skipped a host or a store (the last line names
 * it).
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { markdownTable } from "markdown-table";
import { bunPath, nodePath, workerdPath } from "./hosts/tools.mjs";
import { mariadbVersion } from "./servers/mariadb.mjs";
import { pgbouncerVersion } from "./servers/pgbouncer.mjs";
import { postgresVersion } from "./servers/postgres.mjs";
import { redisVersion } from "./servers/redis.mjs";

const NOT_AVAILABLE = 77;
const root = fileURLToPath(new URL("..", import.meta.url));

/** The hosts, by the name of their step. */
const HOSTS = {
  "node-20": "Node",
  "node-22": "Node",
  "node-24": "Node",
  "node-26": "Node",
  "node-22-require": "Node, with `require`",
  deno: "Deno",
  bun: "Bun",
  workerd: "Cloudflare Workers",
  chromium: "a browser, without a bundler",
};

/**
 * The stores: the page, the reason to choose it, and what the kit runs on, with its name in the
 * records.
 *
 * @type {{ page: string, reason: string, on: [record: string, versions: () => string][] }[]}
 */
const STORES = [
  {
    page: "[memory](docs/stores/memory.md)",
    reason: "tests, demos, a page",
    on: [["memory", () => "the package"]],
  },
  {
    page: "[SQLite](docs/stores/sqlite.md)",
    reason: "one machine; Turso",
    on: [
      ["libsql", () => npm("@libsql/client")],
      ["better-sqlite3", () => npm("better-sqlite3")],
      ["node:sqlite", () => `Node ${node(22)} and ${node(24)}`],
      ["bun:sqlite", () => `Bun ${printed(bunPath())}`],
    ],
  },
  {
    page: "[PostgreSQL](docs/stores/postgres.md)",
    reason: "many instances, millions of sessions, every filter",
    on: [
      ["PostgreSQL with pg", () => `PostgreSQL ${postgresVersion()} with ${npm("pg")}`],
      ["PostgreSQL with postgres.js", () => npm("postgres")],
      ["PostgreSQL with Neon's driver", () => npm("@neondatabase/serverless")],
      ["PostgreSQL behind PgBouncer", () => `PgBouncer ${pgbouncerVersion()}`],
      ["PGlite", () => npm("@electric-sql/pglite")],
    ],
  },
  {
    page: "[MariaDB and MySQL](docs/stores/mysql.md)",
    reason: "you already run it",
    on: [["MariaDB", () => `MariaDB ${mariadbVersion()} with ${npm("mysql2")}`]],
  },
  {
    page: "[Cloudflare D1](docs/stores/d1.md)",
    reason: "a Worker",
    on: [["d1", workerd]],
  },
  {
    page: "[Durable Objects](docs/stores/durable-objects.md)",
    reason: "a Worker, one object for each tenant",
    on: [["durable-object", workerd]],
  },
  {
    page: "[Redis and Valkey](docs/stores/redis.md)",
    reason: "your sessions are in Redis already; no search for parts of names",
    on: [
      ["Redis, 1 partitions", () => `Redis ${redisVersion()} with ${npm("redis")}`],
      ["Redis with ioredis, 1 partitions", () => npm("ioredis")],
      ["a cluster with node-redis, 16 partitions", () => "a cluster"],
    ],
  },
];

/** A prerequisite that this run didn't have. */
class Skipped extends Error {}

const read = (/** @type {string} */ path, /** @type {string} */ subject) => {
  if (!existsSync(path)) throw new Skipped(`${subject} was not tested in the last run`);
  return readFileSync(path, "utf8");
};

/** A package with the version that the tests use. */
function npm(/** @type {string} */ name) {
  const path = join(root, "node_modules", name, "package.json");
  return `${name} ${JSON.parse(readFileSync(path, "utf8")).version}`;
}

const printed = (/** @type {string} */ program) =>
  /\d+(\.\d+)+|\d+-\d+-\d+/.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))?.[0];

const node = (/** @type {number} */ major) => printed(nodePath(major));

function workerd() {
  return `workerd ${printed(workerdPath())}`;
}

function hostsTable(/** @type {string} */ records) {
  const rows = Object.entries(HOSTS).map(([host, title]) => {
    const line = read(join(records, "hosts", `${host}.txt`), host);
    const [, version, passed] = /(?:^|\n).* (\S+): (\d+) passed, 0 failed\s*$/.exec(line) ?? [];
    if (version === undefined) throw new Error(`${host} has a test that failed: ${line}`);
    return [title, version, passed];
  });
  return markdownTable([["host", "version", "cases passed"], ...rows], { alignDelimiters: false });
}

function storesTable(/** @type {string} */ records) {
  const rows = STORES.map(({ page, reason, on }) => {
    const passed = on.map(([record, versions]) => {
      const path = join(records, "kit", `${encodeURIComponent(record)}.json`);
      return `${versions()}: ${JSON.parse(read(path, record)).passed}`;
    });
    return [page, reason, passed.join(", ")];
  });
  const headings = ["store", "choose it for", "cases passed with"];
  return markdownTable([headings, ...rows], { alignDelimiters: false });
}

/** The table without alignment and versions. */
const comparable = (/** @type {string} */ text) =>
  text.replace(/\d+(\.\d+)+|\d{4}-\d\d-\d\d/g, "VERSION").replace(/ +|-+/g, " ");

const [records, check] = process.argv.slice(2);
if (records === undefined) throw new Error("name the folder with the records of the tests");
const path = join(root, "README.md");
const readme = readFileSync(path, "utf8");
let updated = readme;
try {
  for (const [name, table] of [
    ["hosts", hostsTable(records)],
    ["stores", storesTable(records)],
  ]) {
    const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const from = updated.indexOf(start) + start.length;
    updated = `${updated.slice(0, from)}${table}\n${updated.slice(updated.indexOf(end))}`;
  }
  if (check !== "--check") {
    writeFileSync(path, updated);
  } else if (comparable(updated) !== comparable(readme)) {
    console.log(updated);
    console.log(`README.md is out of date; run \`node tests/readme-tables.mjs ${records}\``);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof Skipped)) throw error;
  console.log(error.message);
  process.exitCode = NOT_AVAILABLE;
}
