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
export async function examplesOf(page, test) {
  const text = await readFile(join(root, page), "utf8");
  const mark = `<!-- run by tests/docs/${basename(fileURLToPath(test))} -->\n\`\`\`js\n`;
  return text
    .split(mark)
    .slice(1)
    .map((rest) => rest.slice(0, rest.indexOf("```")));
}

/**
 * Runs a program in a folder with `rollcall` and the packages that the pages install.
 *
 * @param {string} program
 * @param {Record<string, string>} [modules] the reader's own modules, which it imports
 * @returns {Promise<string>} its output
 */
export async function run(program, modules = {}) {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-docs-"));
  try {
    const installed = join(folder, "node_modules");
    for (const name of INSTALLED) {
      await mkdir(dirname(join(installed, name)), { recursive: true });
      await symlink(join(root, "node_modules", name), join(installed, name));
    }
    await symlink(join(root, "pkg"), join(installed, "rollcall"));
    for (const [name, text] of Object.entries({ ...modules, "program.mjs": program })) {
      await writeFile(join(folder, name), text);
    }
    return await output(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function output(cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["program.mjs"], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
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
