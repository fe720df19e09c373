// The published files, entry points and declarations.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { nodePath, run, Unavailable } from "../hosts/tools.mjs";
import { CHECKS } from "./checks.mjs";
import { differences, TARBALL_BUDGET } from "./files.mjs";
import { pack, project } from "./project.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

let packed;
let installed;
let manifest;

before(async () => {
  packed = await pack("package");
  installed = join(await project("package"), "node_modules", "rollcall");
  manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
});

/** Every file in `exports` or `imports`, with its path of conditions. */
function* targets(value, path) {
  if (typeof value === "string") yield [path, value.replace("./", "")];
  else
    for (const [name, inner] of Object.entries(value)) yield* targets(inner, `${path} › ${name}`);
}

test("the tarball contains the built files, and no others", async () => {
  assert.deepEqual(await differences(packed.files), { unknown: [], missing: [] });
  assert.ok(packed.files.some((file) => /^console\/assets\/index-.*\.js$/.test(file)));
});

test("a stray and a missing file are found", async () => {
  const files = [...packed.files.filter((file) => file !== "http.js"), "docs/.notes", "a.map"];
  assert.deepEqual(await differences(files), {
    unknown: ["docs/.notes", "a.map"],
    missing: ["http.js"],
  });
});

test("every target of `exports` and of `imports` is in the tarball", () => {
  for (const [name, least] of [
    ["exports", 10],
    ["imports", 4],
  ]) {
    const found = [...targets(manifest[name], name)];
    assert.ok(found.length > least);
    assert.deepEqual(
      found.filter(([, file]) => !packed.files.includes(file)),
      [],
    );
  }
});

test("only files for Node, Bun, the kit, the command or consoleFiles import modules of Node", async () => {
  for (const name of ["exports", "imports"]) {
    for (const [path, file] of targets(manifest[name], name)) {
      assert.equal(path.endsWith("› node"), /^entry\/(memory-)?node(-\w+)?\.js$/.test(file), path);
    }
  }
  const scripts = packed.files.filter((file) => file.endsWith(".js"));
  for (const file of scripts.filter(
    (file) =>
      !/^(bin\/|console\/|site\/site\.js$|(entry\/(memory-)?(node|bun)|testing)\b)/.test(file),
  )) {
    const source = await readFile(join(installed, file), "utf8");
    // Comments are skipped, because their examples import them.
    assert.doesNotMatch(source, /^(?! *\*).* from "node:/m, file);
  }
});

test("the package and its core have the same version", async () => {
  const { coreVersion } = await import(pathToFileURL(join(installed, manifest.exports["."].node)));
  assert.equal(coreVersion(), manifest.version);
});

test("both modules have entry points for the same hosts, in the same order", () => {
  const { exports } = manifest;
  assert.deepEqual(Object.keys(exports["./memory"]), Object.keys(exports["."]));
});

test("only `rollcall/memory` exports the memory stores, and nothing else", async () => {
  const exported = async (subpath) => {
    const { node, default: file = node } = manifest.exports[subpath];
    return Object.keys(await import(pathToFileURL(join(installed, node ?? file)))).sort();
  };
  for (const subpath of [".", "./slim", "./inline"]) {
    const names = await exported(subpath);
    assert.ok(names.includes("SessionManagement"), subpath);
    assert.ok(!names.includes("memoryStores"), subpath);
  }
  const stores = ["memoryContents", "memoryStores"];
  assert.deepEqual(await exported("./memory"), stores);
  assert.deepEqual(await exported("./memory/inline"), stores);
  assert.deepEqual(await exported("./memory/slim"), ["initialize", ...stores]);
});

test("CommonJS on Node 22 can require every entry point that doesn't need a peer", async (t) => {
  const subpaths = Object.keys(manifest.exports).filter((name) => !/\.(wasm|json)$/.test(name));
  const names = subpaths.map((name) => name.replace(".", manifest.name));
  const needsPeer = /\/(otel|redis|sql|testing)$/;
  const program = `
    const kinds = ${JSON.stringify(names.filter((name) => !needsPeer.test(name)))}
      .map((name) => Object.values(require(name)).map((member) => typeof member));
    console.log(kinds.every((members) => members.includes("function")));
  `;
  try {
    const args = ["--no-warnings", "--input-type=commonjs", "--eval", program];
    const printed = await run(nodePath(22), args, { cwd: join(installed, "../..") });
    assert.equal(printed.trim(), "true");
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    t.skip(error.message);
  }
});

for (const [name, check] of Object.entries(CHECKS)) {
  test(`${name} finds no problem`, async () => {
    await check(packed.tarball);
  });
}

test("no file contains a path of the machine that built it", async () => {
  for (const file of packed.files) {
    const contents = await readFile(join(installed, file));
    for (const folder of [root, `${homedir()}/.`])
      assert.ok(!contents.includes(folder), `${file} contains \`${folder}\``);
  }
});

test("the tarball keeps its budget", () => {
  assert.ok(packed.size <= TARBALL_BUDGET, `it has ${packed.size} bytes`);
});
