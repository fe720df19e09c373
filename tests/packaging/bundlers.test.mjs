// The package through the bundlers that its README names, each with no setting of its own.

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
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

/**
 * A test with an empty folder for what is built; it is skipped where the machine lacks what it
 * takes.
 */
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

/** The modules in what was built. */
const modules = async (folder) =>
  (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".wasm"));

bundlerTest("vite ships the module once, beside the script, for a browser", async (out) => {
  const { build } = await import(hostPackages.resolve("vite"));
  const input = join(source, "page.mjs");
  const output = { entryFileNames: "page.js" };
  await build({
    root: source,
    configFile: false,
    logLevel: "warn",
    build: { outDir: out, emptyOutDir: true, rolldownOptions: { input, output } },
  });
  assert.equal((await modules(out)).length, 1);
  assertAllPassed(await resultOfPage(out, script("/page.js")));
});

bundlerTest("webpack ships the module once, beside the script, for a browser", async (out) => {
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
  assert.equal((await modules(out)).length, 1);
  assertAllPassed(await resultOfPage(out, script("/page.js")));
});

bundlerTest("the inline entry is one script for a browser by esbuild", async (out) => {
  await esbuild({
    entryPoints: [join(source, "page-inline.mjs")],
    outfile: join(out, "page.js"),
    bundle: true,
    logLevel: "warning",
  });
  assert.deepEqual(await readdir(out), ["page.js"]);
  assertAllPassed(await resultOfPage(out, script("/page.js")));
});

bundlerTest("the inline entry is one script for Node by esbuild", async (out) => {
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
  assertAllPassed(JSON.parse(await run(process.execPath, [outfile], { cwd: out })));
});

bundlerTest("bun compiles the package into one executable", async (out) => {
  const outfile = join(out, "program");
  await run(bunPath(), ["build", "--compile", "--outfile", outfile, join(source, "main.mjs")], {
    cwd: out,
  });
  assertAllPassed(JSON.parse(await run(outfile, [], { cwd: out })));
});
