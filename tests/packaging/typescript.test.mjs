// Strict projects compile against the package, with each compiler that the package supports.

import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../hosts/tools.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tools = join(root, "tests/packaging/tools/node_modules");

/** The compilers that are JavaScript, by version. They have an API. */
const COMPILERS = { 5.9: "typescript-5.9", 6: "typescript-6" };

/** As strict as the compiler can be. The declarations are checked too. */
const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
  target: "ES2022",
};

/**
 * A user's settings decide which types exist, so the declarations must compile without those of the
 * other hosts.
 */
const HOSTS = {
  Node: { lib: ["ES2022"], types: ["node"], module: "NodeNext" },
  Workers: {
    lib: ["ES2022"],
    types: ["@cloudflare/workers-types"],
    module: "ESNext",
    moduleResolution: "Bundler",
  },
  DOM: { lib: ["ES2022", "DOM"], types: [], module: "ESNext", moduleResolution: "Bundler" },
};

/** The types that a user installs, by where they are here. */
const PEERS = {
  "@opentelemetry/api": root,
  "@types/node": root,
  hono: root,
  jose: root,
  kysely: root,
  "undici-types": root,
  "@cloudflare/workers-types": join(tools, ".."),
};

/** Code of a user, which every host can compile. */
const PROGRAM = `
import { LogoutDelivery, RollcallError, SessionManagement, TicketStore, type Host } from "rollcall";
import { memoryStores } from "rollcall/memory";

const host: Host = {
  ...memoryStores(),
  clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
  sendLogout: async () => ({ delivered: true }),
};

export async function endAll(subjectId: string): Promise<number> {
  using tickets = new TicketStore(host, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
  await tickets.store({ subjectId, ticket: { role: "editor" } });
  using management = new SessionManagement(host);
  using delivery = new LogoutDelivery(host);
  await using _runner = delivery.start();
  try {
    return (await management.removeSessions({ subjectId })).sessionsRemoved;
  } catch (error) {
    if (error instanceof RollcallError && error.code === "aborted") return 0;
    throw error;
  }
}
`;

let folder;

before(async () => {
  folder = join(root, "target/packed/declarations");
  const built = join(root, "pkg");
  await rm(folder, { recursive: true, force: true });
  await cp(built, join(folder, "node_modules/rollcall"), { recursive: true });
  for (const [name, place] of Object.entries(PEERS)) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(place, "node_modules", name), link);
  }
  const { exports } = JSON.parse(await readFile(join(built, "package.json"), "utf8"));
  const scripts = Object.keys(exports).filter((subpath) => !/\.(wasm|json)$/.test(subpath));
  assert.ok(scripts.length > 10);
  const imports = scripts.map(
    (subpath, index) => `export * as entry${index} from "${subpath.replace(".", "rollcall")}";\n`,
  );
  await writeFile(join(folder, "user.ts"), imports.join("") + PROGRAM);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
});

/** Writes the project of a user of this host, and returns the path of its settings. */
async function configFor(host) {
  const config = join(folder, `${host}.json`);
  const compilerOptions = { ...STRICT, ...HOSTS[host] };
  await writeFile(config, JSON.stringify({ compilerOptions, files: ["user.ts"] }));
  return config;
}

/**
 * The errors in the user's program and in the declarations of the package. The other declarations
 * aren't checked, which takes most of a compiler's time and is done with TypeScript 7.
 */
function errorsIn(typescript, config) {
  const { config: settings } = typescript.readConfigFile(config, typescript.sys.readFile);
  const parsed = typescript.parseJsonConfigFileContent(
    settings,
    typescript.sys,
    folder,
    {},
    config,
  );
  const program = typescript.createProgram(parsed.fileNames, parsed.options);
  const own = program
    .getSourceFiles()
    .filter(({ fileName }) => /user\.ts$|\/node_modules\/rollcall\//.test(fileName));
  assert.ok(own.length > 30);
  const errors = [
    ...parsed.errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...own.flatMap((file) => program.getSyntacticDiagnostics(file)),
    ...own.flatMap((file) => program.getSemanticDiagnostics(file)),
  ];
  return typescript.formatDiagnostics(errors, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => folder,
    getNewLine: () => "\n",
  });
}

for (const [version, name] of Object.entries(COMPILERS)) {
  const typescript = createRequire(join(tools, "tools.cjs"))(name);
  for (const host of Object.keys(HOSTS)) {
    test(`a strict project for ${host} compiles with TypeScript ${version}`, async () => {
      assert.ok(typescript.version.startsWith(version));
      assert.equal(errorsIn(typescript, await configFor(host)), "");
    });
  }
}

for (const host of Object.keys(HOSTS)) {
  test(`a strict project for ${host} compiles with TypeScript 7`, async () => {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    assert.match(await run(process.execPath, [compiler, "--version"]), /^Version 7\./);
    const args = [compiler, "--project", await configFor(host)];
    await run(process.execPath, args).catch(({ stdout, stderr }) => assert.fail(stdout + stderr));
  });
}
