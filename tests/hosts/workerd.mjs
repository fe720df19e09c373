import { readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { run, workerdPath } from "./tools.mjs";

/** A date before `nodejs_compat` became the default: the package must not need Node's modules. */
const COMPATIBILITY_DATE = "2025-11-01";

/**
 * Bundles a Worker as wrangler does, with the module as a file beside it, and runs its `test()` in
 * workerd.
 */
export async function workerd(project, entry, flags = []) {
  const path = workerdPath();
  const outdir = join(project, basename(entry, ".mjs"));
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: [{ in: join(project, entry), out: "worker" }],
    outdir,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
    external: ["node:*"],
    logLevel: "warning",
  });
  await writeFile(join(outdir, "config.capnp"), configuration(await readdir(outdir), flags));

  const [version] = (await run(path, ["--version"])).split("\n");
  const lines = (await run(path, ["test", join(outdir, "config.capnp")])).trimEnd().split("\n");
  const result = lines.find((line) => line.startsWith("{"));
  if (result === undefined) throw new Error(`the Worker printed no result: ${lines.join("\n")}`);
  return { version, ...JSON.parse(result) };
}

function configuration(files, flags) {
  const module = (name) =>
    `(name = "${name}", ${name.endsWith(".wasm") ? "wasm" : "esModule"} = embed "${name}")`;
  const modules = files.sort((name) => (name === "worker.js" ? -1 : 1)).map(module);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  bindings = [(name = "self", service = "main")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = [${flags.map((flag) => `"${flag}"`).join(", ")}],
);
`;
}
