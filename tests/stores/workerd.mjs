// Runs the cases of `worker/` in workerd with miniflare, each as a separate test.
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { recorded } from "./kit-record.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Bundles the Worker. The cases need neither the core nor its module. */
async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("worker/worker.mjs", import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
    alias: { "rollcall/sql": `${root}/pkg/sql.js`, "rollcall/testing": `${root}/pkg/testing.js` },
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

/** Declares the tests of one store: `d1` or `durable-object`. */
export async function testInWorkerd(store) {
  const miniflare = new Miniflare({
    modules: true,
    script: await bundle(),
    compatibilityDate: "2025-11-01",
    compatibilityFlags: ["nodejs_compat"],
    d1Databases: ["DB"],
    durableObjects: { SESSIONS: { className: "Sessions", useSQLite: true } },
  });
  after(() => miniflare.dispose());
  const ask = async (path) =>
    (await miniflare.dispatchFetch(`http://worker/${store}/${path}`)).json();
  for (const [number, { name, isOfKit }] of (await ask("")).entries()) {
    const run = async () => {
      const { error } = await ask(number);
      if (error !== undefined) throw new Error(error);
    };
    test(`${name}, on ${store} in workerd`, isOfKit ? recorded(store, run) : run);
  }
}
