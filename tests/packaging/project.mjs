/**
 * A user's project: the package is packed and installed from the tarball, next to the programs of
 * `tests/hosts/project/` and the suite.
 */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { arrayStoresSource } from "../kit/array-stores.mjs";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/**
 * Packs `pkg/`.
 *
 * @param {string} user the caller: each has its own folder, since test files run concurrently
 * @returns {Promise<{
 *   work: string,
 *   tarball: string,
 *   files: string[],
 *   size: number,
 *   unpackedSize: number,
 *   integrity: string,
 * }>} that folder, the tarball in it, the files in the tarball, its sizes in bytes, and its SHA-512
 */
export async function pack(user) {
  const work = join(root, "target", "packed", user);
  await mkdir(work, { recursive: true });
  const { stdout } = await execute(npm, ["pack", "--json", "--pack-destination", work], {
    cwd: join(root, "pkg"),
  });
  const [packed] = Object.values(JSON.parse(stdout));
  return {
    work,
    tarball: join(work, packed.filename),
    files: packed.files.map((file) => file.path).sort(),
    size: packed.size,
    unpackedSize: packed.unpackedSize,
    integrity: packed.integrity,
  };
}

/**
 * Makes the project, or reuses the previous one if the package has not changed.
 *
 * @param {string} user as for `pack`
 * @param {Record<string, string>} packages other packages to install, by name, with their folders
 * @returns {Promise<string>} its folder
 */
export async function project(user, packages = {}) {
  const { work, tarball } = await pack(user);
  const digest = createHash("sha256")
    .update(await readFile(tarball))
    .digest("hex");
  const folder = join(work, "project");
  if ((await installedDigest(folder)) !== digest) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, "package.json"),
      `${JSON.stringify({ name: "user", private: true, type: "module" })}\n`,
    );
    await execute(npm, ["install", "--ignore-scripts", "--no-audit", "--no-fund", tarball], {
      cwd: folder,
    });
    await writeFile(join(folder, "digest"), digest);
  }
  await cp(join(root, "tests", "hosts", "project"), folder, { recursive: true });
  await bundleSuite(folder);
  await addKit(folder);
  await addPackages(folder, packages);
  return folder;
}

async function installedDigest(folder) {
  try {
    return await readFile(join(folder, "digest"), "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Copies the files that the conformance kit needs besides the package, and the example stores of
 * the documentation.
 */
async function addKit(folder) {
  const names = ["fast-check", "pure-rand"];
  await addPackages(
    folder,
    Object.fromEntries(names.map((name) => [name, join(root, "node_modules", name)])),
  );
  await writeFile(join(folder, "array-stores.mjs"), arrayStoresSource);
}

async function addPackages(folder, packages) {
  for (const [name, source] of Object.entries(packages)) {
    await cp(source, join(folder, "node_modules", name), { recursive: true });
  }
}

/** The suite and its assertions as one script without imports, so that any host can load it. */
async function bundleSuite(folder) {
  await build({
    entryPoints: [join(root, "tests", "hosts", "suite.mjs")],
    outfile: join(folder, "suite.mjs"),
    bundle: true,
    format: "esm",
    nodePaths: [join(root, "tests", "hosts", "node_modules")],
    logLevel: "warning",
  });
}
