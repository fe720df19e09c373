// The package in the bundlers that its README names, each without special settings.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { build as esbuild } from "esbuild";
import { resultOfPage, script } from "../hosts/chromium.mjs";
import { bunPath, run, Unavailable } from "../hosts/tools.mjs";
import { project } from "./project.mjs";

const hostPackages = createRequire(new URL("../hosts/package.json", import.meta.url));

let source;

before(async () => {
  source = await project("bundlers");
});

/** A test with an empty folder for its output. It's skipped if a prerequisite is missing. */
function bundlerTest(name, body) {
  test(name, async (t) => {
    const out = await mkdtemp(join(tmpdir(), "rollcall-bundle-"));
    t.after(() => rm(out, { recursive: true }));
    try {
      await body(out);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      t.skip(error.message);
    }
  });
}

function assertAllPassed({ passed, failures }) {
  assert.deepEqual(failures, []);
  assert.ok(passed > 0);
}

/** Checks that the services' module and that of the memory stores were each built once. */
async function assertBothModules(folder) {
  const files = await readdir(folder, { recursive: true });
  assert.equal(files.filter((file) => file.endsWith(".wasm")).length, 2, files.join(", "));
}

/** The files of the package in a bundle of one entry point, for a host with this condition. */
async function bundledFiles(entry, condition) {
  const { metafile } = await esbuild({
    stdin: { contents: `export * from "${entry}";`, resolveDir: source },
    bundle: true,
    write: false,
    metafile: true,
    outdir: "bundle",
    format: "esm",
    platform: "neutral",
    conditions: [condition],
    loader: { ".wasm": "copy" },
    external: ["node:*", "*?module"],
    logLevel: "warning",
  });
  return Object.keys(metafile.inputs).flatMap(
    (path) => path.split("/node_modules/rollcall/")[1] ?? [],
  );
}

/** Whether a script in the folder imports a module of Node. */
const needsNode = async (folder, script) =>
  /["'`]node:/.test(await readFile(join(folder, script), "utf8"));

bundlerTest("vite ships each module once, next to the script, for a browser", async (out) => {
  const { build } = await import(hostPackages.resolve("vite"));
  const input = join(source, "page.mjs");
  const output = { entryFileNames: "page.js" };
  await build({
    root: source,
    configFile: false,
    logLevel: "warn",
    build: { outDir: out, emptyOutDir: true, rolldownOptions: { input, output } },
  });
  await assertBothModules(out);
  assert.equal(await needsNode(out, "page.js"), false);
  assertAllPassed(await resultOfPage(out, script("/page.js")));
});

bundlerTest("webpack ships each module once, next to the script, for a browser", async (out) => {
  const webpack = hostPackages("webpack");
  const compiler = webpack({
    mode: "production",
    context: source,
    entry: "./page.mjs",
    output: { path: out, filename: "page.js" },
    performance: false,
  });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, result) => (error ? reject(error) : resolve(result))),
  );
  assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }), {
    errors: [],
    warnings: [],
  });
  await assertBothModules(out);
  assert.equal(await needsNode(out, "page.js"), false);
  assertAllPassed(await resultOfPage(out, script("/page.js")));
});

bundlerTest("the inline entries are one script for a browser with esbuild", async (out) => {
  await esbuild({
    entryPoints: [join(source, "page-inline.mjs")],
    outfile: join(out, "page.js"),
    bundle: true,
    logLevel: "warning",
  });
  assert.deepEqual(await readdir(out), ["page.js"]);
  assert.equal(await needsNode(out, "page.js"), false);
  assertAllPassed(await resultOfPage(out, script("/page.js")));
});

bundlerTest("the inline entries are one script for Node with esbuild", async (out) => {
  const outfile = join(out, "program.mjs");
  const entryPoints = [join(source, "inline.mjs")];
  await esbuild({
    entryPoints,
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
  assert.equal(await needsNode(out, "program.mjs"), true);
  assertAllPassed(JSON.parse(await run(process.execPath, [outfile], { cwd: out })));
});

bundlerTest("bun compiles the package into one executable", async (out) => {
  const outfile = join(out, "program");
  await run(bunPath(), ["build", "--compile", "--outfile", outfile, join(source, "main.mjs")], {
    cwd: out,
  });
  assertAllPassed(JSON.parse(await run(outfile, [], { cwd: out })));
});

// Bun and Deno import the module with a syntax that esbuild doesn't support.
for (const condition of ["workerd", "edge-light", "node", "browser", "default"]) {
  test(`a bundle of one module contains nothing of the other, with the condition ${condition}`, async () => {
    for (const form of ["", "/slim", "/inline"]) {
      const services = await bundledFiles(`rollcall${form}`, condition);
      assert.ok(services.includes("core.js"));
      assert.deepEqual(
        services.filter((file) => file.includes("memory")),
        [],
      );
      const memory = await bundledFiles(`rollcall/memory${form}`, condition);
      assert.ok(memory.includes("memory_core.js"));
      assert.deepEqual(
        memory.filter((file) => /^core[._]|^services/.test(file)),
        [],
      );
    }
  });
}
