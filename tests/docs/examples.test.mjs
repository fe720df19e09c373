/**
 * The `@example`s in the doc comments of the package. The compiler checks all of them with the
 * types of the built package in one run, and each is run with it.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = join(root, "pkg-template/src");

/** Examples that are only compiled, by the declaration that they document. */
const NOT_RUN = new Map([
  ["memory/slim.ts: initialize", "needs a web server"],
  ["redis.ts: module", "needs a Redis server"],
  ["slim.ts: initialize", "needs a web server"],
  ["sql/sqlite/bun-sqlite.ts: bunSqliteDialect", "needs Bun"],
  ["sql/sqlite/d1.ts: d1Dialect", "needs Cloudflare D1"],
  ["sql/sqlite/durable-object.ts: durableObjectDialect", "needs a Durable Object"],
  ["sql/sqlite/node-sqlite.ts: nodeSqliteDialect", "needs Node 22.16"],
  ["testing.ts: module", "declares tests"],
]);

/** Public functions, methods and option groups that need no example. */
const WITHOUT_EXAMPLE = new Map([
  ["CountOptions", "the example of `countSessions` passes them"],
  ["DeliveryPageOptions", "the example of `page` passes them"],
  ["DeliveryPassOptions", "the example of `deliverDue` passes them"],
  ["ExpiryPassOptions", "the example of `removeExpiredSessions` passes them"],
  ["ReadOptions", "the core passes them to a store"],
  ["RunnerOptions", "the examples of `start` pass them"],
  ["StaticSecretOptions", "the example of `staticSecret` passes all of them"],
  ["coreVersion()", "has no argument"],
  ["foldText()", "has one string as argument, and is generated from the core"],
]);

/** The modules of hosts whose types aren't installed here. */
const HOST_MODULES = `
declare module "bun:sqlite" {
  export class Database implements import("rollcall/sql").BunSqliteDatabase {
    constructor(file: string);
    prepare(sql: string): import("rollcall/sql").BunSqliteStatement;
    close(): void;
  }
}
declare module "cloudflare:workers" {
  export class DurableObject {
    ctx: { storage: import("rollcall/sql").DurableObjectStorage };
  }
}
declare module "node:sqlite" {
  export class DatabaseSync implements import("rollcall/sql").NodeSqliteDatabase {
    constructor(file: string);
    prepare(sql: string): import("rollcall/sql").NodeSqliteStatement;
    close(): void;
  }
}
`;

const CONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    types: ["node", "express"],
    module: "NodeNext",
    rootDir: ".",
    outDir: "run",
  },
  include: ["*.ts"],
};

// Below the root, where `rollcall` resolves to the built package.
await mkdir(join(root, "target"), { recursive: true });
const folder = await mkdtemp(join(root, "target/examples-"));
after(() => rm(folder, { recursive: true }));
// Some examples open files.
process.chdir(folder);

const files = (await readdir(sources, { recursive: true })).filter((file) => file.endsWith(".ts"));
const texts = await Promise.all(
  files.sort().map(async (file) => [file, await readFile(join(sources, file), "utf8")]),
);
const examples = texts.flatMap(([file, text]) => examplesIn(file, text));
const names = await namesOf(join(root, "tests/docs/example-names.ts"));

await copyFile(join(root, "tests/docs/example-names.ts"), join(folder, "names.ts"));
await writeFile(join(folder, "hosts.d.ts"), HOST_MODULES);
await writeFile(join(folder, "tsconfig.json"), JSON.stringify(CONFIG));
for (const [n, { code }] of examples.entries()) {
  await writeFile(join(folder, `example${n}.ts`), withImports(code));
}

test("all examples compile", async () => {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "--project", folder]).catch(
    (failure) => failure,
  );
  const errors = stdout.replace(/\bexample(\d+)\.ts/g, (_, n) => examples[n].name);
  assert.equal(errors, "");
});

test("all functions, classes, methods and option groups have an example", async () => {
  const folder = join(root, "docs/reference/api");
  const pages = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
  );
  const missing = pages.flatMap(declarationsWithoutExample);
  assert.deepEqual(missing.sort(), [...WITHOUT_EXAMPLE.keys()]);
});

test("all examples that are only compiled exist", () => {
  const known = new Set(examples.map(({ name }) => name));
  assert.deepEqual(
    [...NOT_RUN.keys()].filter((name) => !known.has(name)),
    [],
  );
});

for (const [n, { name }] of examples.entries()) {
  if (NOT_RUN.has(name)) continue;
  test(`runs: ${name}`, async () => {
    const file = join(folder, "run", `example${n}.js`);
    const code = await readFile(file, "utf8");
    // Each example gets its own copy of the values.
    await writeFile(file, code.replaceAll('"./names.js"', `"./names.js?${n}"`));
    await import(pathToFileURL(file).href);
  });
}

/**
 * The examples in a source file. Their name consists of the file and the declaration, or `module`.
 */
function examplesIn(file, text) {
  return [...text.matchAll(/\/\*\*\n((?: *\*(?!\/).*\n)*) *\*\/\n(.*)/g)].flatMap(
    ([, comment, next]) => {
      const lines = comment.split("\n").map((line) => line.replace(/^ *\* ?/, ""));
      const parts = lines.join("\n").split(/^@(?=\w)/m);
      const isModule = parts.some((part) => part.startsWith("module"));
      const declared = /(?:(?:function\*?|class|interface|type|const|async) )*\*?(\w+)/.exec(
        next.replace(/^ *(?:export )?/, ""),
      )?.[1];
      return parts
        .filter((part) => part.startsWith("example\n"))
        .map((part) => ({
          name: `${file}: ${isModule ? "module" : declared}`,
          code: part.slice("example\n".length).trimEnd(),
        }));
    },
  );
}

/** The names of public declarations on a page of the API reference that have no example. */
function declarationsWithoutExample(page) {
  return page
    .split(/^## /m)
    .slice(1)
    .flatMap((group) => {
      const [title] = group.split("\n");
      return group
        .split(/^### /m)
        .slice(1)
        .flatMap((text) => {
          const [declaration, ...members] = text.split(/^#### /m);
          const [name] = declaration.split("\n");
          const isClass = title === "Classes" || name === "RequestSession";
          // The example of a class creates it and reads its properties.
          const methods = isClass
            ? members.filter((member) => /^(?!new )\w+\(\)/.test(member))
            : [];
          const isDocumented = title === "Functions" || isClass || name.endsWith("Options");
          return [...(isDocumented ? [declaration] : []), ...methods];
        });
    })
    .filter((text) => !text.includes("\n**Example**\n"))
    .map((text) => text.split("\n")[0]);
}

/** The names that the file exports, directly or from the package. */
async function namesOf(path) {
  const text = await readFile(path, "utf8");
  const found = new Set(
    [...text.matchAll(/^export (?:declare )?const (?:\{ )?(\w+)/gm)].map(([, name]) => name),
  );
  for (const [, module] of text.matchAll(/^export \* from "(.*)";/gm)) {
    for (const name of Object.keys(await import(module))) found.add(name);
  }
  for (const [, source] of texts) {
    for (const [, name] of source.matchAll(/^export (?:interface|type) (\w+)/gm)) found.add(name);
  }
  return found;
}

/** The example with imports of the names that it doesn't declare. */
function withImports(code) {
  const declared = new Set(
    [
      ...code.matchAll(/^(?:export )?(?:const|let|class|function) (?:\{([^}]*)\}|(\w+))/gm),
      ...code.matchAll(/^import (?:type )?(?:\{(.*)\}|(\w+)) from/gm),
    ].flatMap(([, list, name]) =>
      list === undefined
        ? [name]
        : list.split(",").map((item) => /(\w+)\s*$/.exec(item)?.[1] ?? ""),
    ),
  );
  const used = new Set(code.replace(/(?<!:)\/\/.*/g, "").match(/(?<![^.]\.)\b[A-Za-z]\w*\b/g));
  const wanted = [...used].filter((name) => names.has(name) && !declared.has(name));
  return `import { ${wanted.join(", ")} } from "./names.js";\n${code}\nexport {};\n`;
}
