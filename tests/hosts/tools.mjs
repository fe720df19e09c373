/**
 * The paths of the hosts' programs: in the npm packages of this folder, and for Chromium on the
 * system.
 */

import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const packages = fileURLToPath(new URL("node_modules", import.meta.url));
const require = createRequire(import.meta.url);
const suffix = process.platform === "win32" ? ".exe" : "";

/**
 * Runs a program, for at most two minutes, and returns its output; with `both` also its error
 * output.
 */
export async function run(program, args, { both = false, ...options } = {}) {
  const { stdout, stderr } = await promisify(execFile)(program, args, {
    timeout: 120_000,
    maxBuffer: 16 * 2 ** 20,
    ...options,
  });
  return both ? stdout + stderr : stdout;
}

/** Thrown if this machine doesn't have a host. The message is the reason. */
export class Unavailable extends Error {}

/** Node.js in one major version, from the npm package with its build for this system. */
export function nodePath(major) {
  return existing(join(packages, `node-${major}`, "bin", `node${suffix}`), `Node ${major}`);
}

export function denoPath() {
  if (!existsSync(join(packages, "deno"))) throw unavailable("Deno");
  return require("deno/install_api.cjs").runInstall();
}

/** Bun has one package for each system, and npm installs the right one. */
export function bunPath() {
  const scope = join(packages, "@oven");
  const [build] = existsSync(scope) ? readdirSync(scope).sort() : [];
  if (build === undefined) throw unavailable("Bun");
  return existing(join(scope, build, "bin", `bun${suffix}`), "Bun");
}

export function vitestPath() {
  return existing(join(packages, "vitest", "vitest.mjs"), "Vitest");
}

/** The package of Kysely in one minor version. */
export function kyselyPath(minor) {
  return existing(join(packages, `kysely-${minor}`), `Kysely ${minor}`);
}

export function workerdPath() {
  if (!existsSync(join(packages, "workerd"))) throw unavailable("workerd");
  return require("workerd").default;
}

/**
 * Chromium without the window around the page: it takes half the processor time of Chromium, which
 * draws the window even without a screen. Chromium itself where it isn't installed.
 */
export function headlessChromiumPath() {
  const shell = "/usr/bin/chromium-headless-shell";
  return !process.env.CHROMIUM && existsSync(shell) ? shell : chromiumPath();
}

/** Chromium: the path in the variable CHROMIUM, or the usual paths of systems. */
export function chromiumPath() {
  const named = process.env.CHROMIUM;
  if (named) return existing(named, "Chromium");
  const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    existsSync,
  );
  if (usual === undefined)
    throw new Unavailable(
      "no Chromium found: install it, or set the variable CHROMIUM to its path",
    );
  return usual;
}

function existing(path, host) {
  if (!existsSync(path)) throw unavailable(host, path);
  return path;
}

function unavailable(host, path = packages) {
  return new Unavailable(`no ${host} for ${process.platform}-${process.arch} at ${path}`);
}
