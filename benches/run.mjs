// @ts-check
/**
 * Runs the benchmarks: `cargo xtask bench [--small] [--strict] [ROW...]`.
 *
 * Without names it runs all rows. It writes `RESULTS.md` only after running all rows at full scale.
 *
 * @module
 */

/** @import { Finding, Scale } from "./findings.mjs" */

import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { meetsBudget, table } from "./findings.mjs";
import { report } from "./report.mjs";

const ROWS = [
  ...["core-over-store", "calls", "stores", "endings", "peers", "crowd", "kills", "deliveries"],
  ...["dead-origins", "wasm-size", "worker-size", "start-up", "memory-per-session"],
  ...["removal-memory", "admin-api", "command", "console"],
];

/** Rows that depend on the version of Node. They run on Node 24 too. */
const ON_NODE_24 = ["core-over-store", "calls", "start-up"];

const FULL_SCALE = {
  sessions: 1_000_000,
  fewSessions: 10_000,
  removedSessions: 100_000,
  notifications: 10_000,
};
const SMALL_SCALE = {
  sessions: 50_000,
  fewSessions: 10_000,
  removedSessions: 10_000,
  notifications: 1_000,
};

const USAGE = `Usage: cargo xtask bench [--small] [--strict] [ROW...]

  --small   measures with ${SMALL_SCALE.sessions.toLocaleString("en")} sessions instead of ${FULL_SCALE.sessions.toLocaleString("en")}, for a quick try
  --strict  fails if a budget is missed
  ROW       one of ${ROWS.join(", ")}; default: all rows
`;

const { options, names } = readArguments();
const scale = options.small ? SMALL_SCALE : FULL_SCALE;
const chosen = ROWS.filter((name) => names.length === 0 || names.includes(name));
const findings = [];
/**
 * The findings of the row `peers`, whose table has more columns.
 *
 * @type {Finding[]}
 */
const peers = [];
for (const name of chosen) {
  console.error(`measuring ${name}`);
  (name === "peers" ? peers : findings).push(...(await measure(name, scale)));
  if (ON_NODE_24.includes(name)) {
    console.error(`measuring ${name} on Node 24`);
    const found = await measure(name, scale, node24());
    findings.push(...found.map((finding) => ({ ...finding, what: `${finding.what}, Node 24` })));
  }
}

for (const found of [findings, peers]) {
  if (found.length > 0) console.log(`\n${table(found)}`);
}
if (chosen.length === ROWS.length && !options.small) {
  writeFileSync(new URL("RESULTS.md", import.meta.url), report(findings, peers));
}
const missed = [...findings, ...peers].filter((finding) => !meetsBudget(finding));
for (const { what } of missed) console.log(`missed its budget: ${what}`);
if (options.strict && missed.length > 0) process.exitCode = 1;

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        small: { type: "boolean", default: false },
        strict: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const unknown = positionals.find((name) => !ROWS.includes(name));
    if (unknown !== undefined) throw new Error(`there is no row \`${unknown}\``);
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return { options: values, names: positionals };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** The Node 24 that the tests install. */
function node24() {
  const node = new URL("../tests/hosts/node_modules/node-24/bin/node", import.meta.url);
  if (!existsSync(node)) throw new Error("Node 24 is not installed: run `cargo xtask test hosts`");
  return fileURLToPath(node);
}

/**
 * @param {string} name
 * @param {Scale} scale
 * @param {string} [execPath] the Node to run it with; default: this one
 * @returns {Promise<Finding[]>}
 */
async function measure(name, scale, execPath = process.execPath) {
  const program = fileURLToPath(new URL("row.mjs", import.meta.url));
  const row = fork(program, [name, JSON.stringify(scale)], {
    execPath,
    execArgv: ["--expose-gc"],
  });
  /** @type {Finding[] | undefined} */
  let found;
  row.once("message", (message) => {
    found = /** @type {Finding[]} */ (message);
  });
  const [code, signal] = await once(row, "exit");
  if (code !== 0 || found === undefined) {
    // The row has printed the reason, unless it was killed.
    console.error(`measuring \`${name}\` failed: the process ended with ${signal ?? code}`);
    process.exit(1);
  }
  return found;
}
