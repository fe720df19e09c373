/**
 * The files that the package may have, and must have.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The most that the tarball may have, in bytes. */
export const TARBALL_BUDGET = 2_200_000;

/** Files of the console whose names have a hash of their contents. */
const ASSET = /^console\/assets\/[\w.-]+\.(css|js|wasm)$/;

/**
 * The files of a release. Those that are copied or compiled follow from the files that git knows,
 * so that no stray file is published.
 *
 * @returns {Promise<string[]>}
 */
export async function expectedFiles() {
  const sources = (await tracked("pkg-template/src")).filter((file) => /(?<!\.d)\.ts$/.test(file));
  return [
    ...["LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"],
    ...["CHANGELOG.md", "SECURITY.md", "THIRD-PARTY-LICENSES", "sbom.cdx.json"],
    ...["openapi.json", "http/openapi-document.js", "bin/rollcall.js", "entry/logout-browser.js"],
    ...["core", "memory_core"].flatMap((name) => [
      ...[`${name}.d.ts`, `${name}.js`, `${name}_base64.js`, `${name}_bg.wasm`],
    ]),
    ...sources.flatMap((file) => [".js", ".d.ts"].map((ending) => file.replace(/\.ts$/, ending))),
    ...["console/_headers", "console/index.html"],
    ...(await tracked("pkg-template/entry")).map((file) => `entry/${file}`),
    ...(await tracked("www/public")).map((file) => `console/${file}`),
    ...(await tracked("docs")).map((file) => `docs/${file}`),
  ].sort();
}

/**
 * The files in a folder that git knows, as paths in the folder.
 *
 * @param {string} folder
 */
async function tracked(folder) {
  const { stdout } = await promisify(execFile)("git", ["ls-files"], { cwd: join(root, folder) });
  return stdout.trim().split("\n");
}

/**
 * The differences between a release and these files.
 *
 * @param {string[]} files
 */
export async function differences(files) {
  const expected = new Set(await expectedFiles());
  const fixed = files.filter((file) => !ASSET.test(file));
  return {
    unknown: fixed.filter((file) => !expected.has(file)),
    missing: [...expected].filter((file) => !files.includes(file)),
  };
}
