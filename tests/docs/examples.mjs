/**
 * Runs the code of the documentation as it's written, as a user's program.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The packages that a user installs besides `rollcall`. */
const INSTALLED = [
  "kysely",
  "@libsql/client",
  "@hono/node-server",
  "better-auth",
  "oidc-provider",
  "express",
  "hono",
  "jose",
  "@opentelemetry/api",
  "@opentelemetry/sdk-metrics",
];

/**
 * The code of a page that is marked as run by a test.
 *
 * @param {string} page its path in the repository
 * @param {string} test the URL of the test
 * @returns {Promise<string[]>}
 */
export function examplesOf(page, test) {
  return blocksOf(page, test, "run by", "js");
}

/**
 * The output on a page that is marked as checked by a test.
 *
 * @param {string} page its path in the repository
 * @param {string} test the URL of the test
 * @returns {Promise<string[]>}
 */
export function outputsOf(page, test) {
  return blocksOf(page, test, "checked by", "text");
}

/**
 * The blocks of a language on a page that have a mark.
 *
 * @param {string} page its path in the repository
 * @param {string} test the URL of the test
 * @param {"run by" | "checked by"} mark
 * @param {string} language
 * @returns {Promise<string[]>}
 */
export async function blocksOf(page, test, mark, language) {
  const text = await readFile(join(root, page), "utf8");
  const name = basename(fileURLToPath(test));
  return text
    .split(`<!-- ${mark} tests/docs/${name} -->\n\`\`\`${language}\n`)
    .slice(1)
    .map((rest) => rest.slice(0, rest.indexOf("```")));
}

/**
 * Runs a program in a folder with `rollcall` and the packages that the pages install.
 *
 * @param {string} program
 * @param {Record<string, string>} files other files of the folder, by name
 * @returns {Promise<string>} its output
 */
export async function run(program, files = {}) {
  const folder = await folderOf({ ...files, "program.mjs": program });
  try {
    return await output(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Makes a temporary folder with files, `rollcall` and the packages that the pages install.
 *
 * @param {Record<string, string>} files their contents, by name
 * @param {string} parent the folder in which it's made
 * @returns {Promise<string>} its path
 */
export async function folderOf(files, parent = tmpdir()) {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "rollcall-docs-"));
  const installed = join(folder, "node_modules");
  for (const name of INSTALLED) {
    await mkdir(dirname(join(installed, name)), { recursive: true });
    await symlink(join(root, "node_modules", name), join(installed, name));
  }
  await symlink(join(root, "pkg"), join(installed, "rollcall"));
  for (const [name, contents] of Object.entries(files)) {
    await writeFile(join(folder, name), contents);
  }
  return folder;
}

function output(cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["program.mjs"], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      // A program that declares tests reports them as if it was started by hand.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });
    const printed = { out: "", err: "" };
    child.stdout.on("data", (data) => {
      printed.out += data;
    });
    child.stderr.on("data", (data) => {
      printed.err += data;
    });
    child.on("close", (code) =>
      code === 0 ? resolve(printed.out) : reject(new Error(printed.err)),
    );
  });
}
