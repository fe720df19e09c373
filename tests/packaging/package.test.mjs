// The published files, entry points and declarations.

import assert from "node:assert/strict";
import { cp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { run } from "../hosts/tools.mjs";
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

/** The entry points that programs import as a script. */
const scripts = () =>
  Object.keys(manifest.exports).filter((subpath) => !/\.(wasm|json)$/.test(subpath));

/** Runs a checking tool, and returns its output. */
async function check(script, args) {
  await run(process.execPath, [script, ...args]).catch(({ stdout, stderr }) =>
    assert.fail(stdout + stderr),
  );
}

test("the tarball contains the built files, and no others", async () => {
  const template = join(root, "pkg-template");
  const sources = (await readdir(join(template, "src"), { recursive: true })).filter((file) =>
    /(?<!\.d)\.ts$/.test(file),
  );
  const entries = await readdir(join(template, "entry"));
  const expected = [
    ...["LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"],
    ...["openapi.json", "http/openapi-document.js", "bin/rollcall.js"],
    ...["core", "memory_core"].flatMap((name) => [
      ...[`${name}.d.ts`, `${name}.js`, `${name}_base64.js`, `${name}_bg.wasm`],
    ]),
    ...entries.map((file) => `entry/${file}`),
    ...sources.flatMap((file) => [".js", ".d.ts"].map((ending) => file.replace(/\.ts$/, ending))),
  ];
  // Names with hashes of their contents.
  const isOfConsole = (file) => file.startsWith("console/");
  assert.deepEqual(
    packed.files.filter((file) => !isOfConsole(file)),
    expected.sort(),
  );
  const published = await readdir(join(root, "www/public"));
  const fixed = ["_headers", "index.html", ...published].map((file) => `console/${file}`);
  const [assets, others] = [true, false].map((isAsset) =>
    packed.files.filter(
      (file) =>
        isOfConsole(file) && isAsset === /^console\/assets\/[\w.-]+\.(css|js|wasm)$/.test(file),
    ),
  );
  assert.deepEqual(others, fixed.sort());
  assert.ok(assets.some((file) => /index-.*\.js$/.test(file)));
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

test("publint finds no problem", async () => {
  await check(join(root, "tests/hosts/node_modules/publint/src/cli.js"), [
    "--strict",
    packed.tarball,
  ]);
});

// A user's settings decide which types exist. The declarations must compile without those of the
// browser or of Node.
const settings = {
  "Node without the browser's types": { lib: ["ES2022"], types: ["node"], module: "NodeNext" },
  "a bundler without Node's types": {
    lib: ["ES2022", "DOM"],
    types: [],
    module: "ESNext",
    moduleResolution: "Bundler",
  },
};

for (const [user, options] of Object.entries(settings)) {
  test(`the declarations of every entry point compile for ${user}`, async () => {
    const folder = join(packed.work, "declarations");
    await rm(folder, { recursive: true, force: true });
    await cp(installed, join(folder, "node_modules", "rollcall"), { recursive: true });
    for (const name of ["@opentelemetry", "@types", "hono", "jose", "kysely"])
      await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
    const imports = scripts().map(
      (subpath, index) => `export * as entry${index} from "${subpath.replace(".", "rollcall")}";`,
    );
    await writeFile(join(folder, "user.ts"), `${imports.join("\n")}\n`);
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: "ES2022",
      skipLibCheck: false,
      ...options,
    };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["user.ts"] }),
    );

    await check(join(root, "node_modules/typescript/bin/tsc"), ["--project", folder]);
  });
}
