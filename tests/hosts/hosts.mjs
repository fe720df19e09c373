/** Every host, each as a function that runs the suite there and says what it ran on. */

import { chromium } from "./chromium.mjs";
import { bunPath, denoPath, nodePath, run } from "./tools.mjs";
import { workerd } from "./workerd.mjs";

/**
 * @type {Record<string, (project: string) => Promise<{ version: string, passed: number, failures: object[] }>>}
 */
export const hosts = {
  "node-20": (project) => node(20, project, "main.mjs"),
  "node-22": (project) => node(22, project, "main.mjs"),
  "node-24": (project) => node(24, project, "main.mjs"),
  "node-26": (project) => node(26, project, "main.mjs"),
  "node-22-require": (project) => node(22, project, "require.cjs"),
  "node-20-slim": (project) => node(20, project, "slim.mjs"),
  "node-20-inline": (project) => node(20, project, "inline.mjs"),
  deno: async (project) => program("Deno", denoPath(), ["run", "--no-prompt", "--no-remote", "main.mjs"], project),
  bun: async (project) => program("Bun", bunPath(), ["run", "main.mjs"], project),
  workerd,
  chromium,
};

async function node(major, project, script) {
  return program("Node", nodePath(major), [script], project);
}

/** Runs a program of the project on a host that has files and a console: its last line is the result. */
async function program(host, path, args, project) {
  const env = { ...process.env, DENO_DIR: `${project}/.deno`, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  const [number] = (await run(path, ["--version"], { env })).match(/\d+\.\d+\.\d+/) ?? [];
  const lines = (await run(path, args, { cwd: project, env })).trimEnd().split("\n");
  return { version: `${host} ${number}`, ...JSON.parse(lines[lines.length - 1]) };
}
