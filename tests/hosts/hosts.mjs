/**
 * Every host, as a function that runs the suite or the kit there and returns the host's version.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { project } from "../packaging/project.mjs";
import { chromium } from "./chromium.mjs";
import { bunPath, denoPath, kyselyPath, nodePath, run, vitestPath } from "./tools.mjs";
import { workerd } from "./workerd.mjs";

/**
 * @type {Record<string, (project: string) => Promise<{ version: string, passed: number, failures:
 * object[] }>>}
 */
export const hosts = {
  "node-20": (project) => node(20, project, "main.mjs"),
  "node-22": (project) => node(22, project, "main.mjs"),
  "node-24": (project) => node(24, project, "main.mjs"),
  "node-26": (project) => node(26, project, "main.mjs"),
  "node-22-require": (project) => node(22, project, "require.cjs"),
  "node-20-slim": (project) => node(20, project, "slim.mjs"),
  "node-20-inline": (project) => node(20, project, "inline.mjs"),
  deno: async (project) =>
    program("Deno", denoPath(), ["run", "--no-prompt", "--no-remote", "main.mjs"], project),
  bun: async (project) => program("Bun", bunPath(), ["run", "main.mjs"], project),
  workerd: (project) => workerd(project, "worker.mjs"),
  chromium,
  "kit-node": (project) =>
    testRunner("Node", nodePath(22), ["--test", "--test-reporter=tap", "kit.node.mjs"], project),
  "kit-deno": async (project) =>
    testRunner("Deno", denoPath(), ["test", "--no-prompt", "--no-remote", "kit.deno.mjs"], project),
  "kit-bun": async (project) =>
    testRunner("Bun", bunPath(), ["test", "--timeout", "60000", "./kit.bun.mjs"], project),
  "kit-vitest": async (project) =>
    testRunner(
      "Node",
      nodePath(22),
      [vitestPath(), "run", "--config", "kit.vitest.config.mjs"],
      project,
    ),
  "kit-kysely-0.29": () => kitOnKysely("0.29"),
  "kit-workerd": (project) => workerd(project, "kit.worker.mjs", ["nodejs_compat"]),
};

async function node(major, project, script) {
  return program("Node", nodePath(major), [script], project);
}

/**
 * Runs the kit on SQL stores with a different version of Kysely than the other tests. It uses a
 * separate project, because the package must find no Kysely in the project of the other hosts.
 */
async function kitOnKysely(minor) {
  const kysely = kyselyPath(minor);
  const pglite = fileURLToPath(new URL("../../node_modules/@electric-sql/pglite", import.meta.url));
  const folder = await project(`kysely-${minor}`, { kysely, "@electric-sql/pglite": pglite });
  // Kysely 0.29 needs Node 22 or later.
  const result = await testRunner(
    "Node",
    nodePath(22),
    ["--test", "--test-reporter=tap", "kit.kysely.mjs"],
    folder,
  );
  const { version } = JSON.parse(await readFile(join(kysely, "package.json"), "utf8"));
  return { ...result, version: `${result.version}, Kysely ${version}` };
}

/**
 * Runs tests of the project with a test runner. The runner prints the number of passed tests and
 * exits with an error if one failed.
 */
async function testRunner(host, path, args, cwd) {
  const [number] = (await run(path, ["--version"])).match(/\d+\.\d+\.\d+/) ?? [];
  const { output, failed } = await run(path, args, {
    cwd,
    env: { ...environment(cwd), CI: "true" },
    both: true,
  }).then(
    (output) => ({ output, failed: false }),
    ({ stdout, stderr }) => ({ output: stdout + stderr, failed: true }),
  );
  // TAP and Bun print `pass`, Deno and Vitest `passed`.
  const counts = output.matchAll(/(?:^|\s)(?:# pass (\d+)|(\d+) pass(?:ed)?\b)/g);
  const passed = Math.max(0, ...Array.from(counts, ([, tap, other]) => Number(tap ?? other)));
  return {
    version: `${host} ${number}`,
    passed,
    failures: failed ? [{ name: "the run", error: output.slice(-20_000) }] : [],
  };
}

/**
 * Runs a program of the project on a host with files and a console. Its last line is the result.
 */
async function program(host, path, args, project) {
  const env = environment(project);
  const [number] = (await run(path, ["--version"], { env })).match(/\d+\.\d+\.\d+/) ?? [];
  const lines = (await run(path, args, { cwd: project, env })).trimEnd().split("\n");
  return { version: `${host} ${number}`, ...JSON.parse(lines[lines.length - 1]) };
}

/**
 * The environment of the programs, without the variables of the test runner that started this
 * process.
 */
function environment(project) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return { ...env, DENO_DIR: `${project}/.deno`, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
}
