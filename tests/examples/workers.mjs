/**
 * The Workers of `examples/workers/` in workerd with miniflare, bundled as wrangler does, with the
 * settings of their `wrangler.json`.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Kysely } from "kysely";
import { Miniflare } from "miniflare";
import { d1Dialect } from "rollcall/sql";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const ADMIN_TOKEN = "the administrator's";

/**
 * Starts an example.
 *
 * @param {string} name of its folder
 * @param {Record<string, unknown>} variables instead of those in `wrangler.json`
 */
export async function startWorker(name, variables) {
  const folder = join(root, "examples/workers", name);
  const config = JSON.parse(await readFile(join(folder, "wrangler.json"), "utf8"));
  return await startConfigured(folder, config, variables);
}

/**
 * Starts the Worker of a folder.
 *
 * @param {string} folder
 * @param config that of wrangler
 * @param {Record<string, unknown>} variables instead of those in the configuration
 */
export async function startConfigured(folder, config, variables) {
  const queues = config.queues ?? { producers: [], consumers: [] };
  const miniflare = new Miniflare({
    modules: await bundle(join(folder, config.main)),
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    d1Databases: config.d1_databases?.map(({ binding }) => binding),
    durableObjects: Object.fromEntries(
      (config.durable_objects?.bindings ?? []).map((object) => [
        object.name,
        {
          className: object.class_name,
          useSQLite: config.migrations[0].new_sqlite_classes.includes(object.class_name),
        },
      ]),
    ),
    queueProducers: Object.fromEntries(
      queues.producers.map(({ binding, queue }) => [binding, queue]),
    ),
    queueConsumers: Object.fromEntries(
      queues.consumers.map((consumer) => [
        consumer.queue,
        { maxBatchSize: consumer.max_batch_size, maxBatchTimeout: consumer.max_batch_timeout },
      ]),
    ),
    bindings: { ...config.vars, ADMIN_TOKEN, ALLOW_INSECURE: true, ...variables },
  });
  const url = await miniflare.ready;
  return {
    crons: config.triggers?.crons ?? [],
    /** Calls it as an administrator. */
    call: (method, path, token = ADMIN_TOKEN) =>
      miniflare.dispatchFetch(`http://worker${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
      }),
    origin: url.origin,
    /** Sends any request, over HTTP. */
    fetch: (path, init) => fetch(new URL(path, url), init),
    /** Fires a cron trigger. */
    cron: async () => (await miniflare.getWorker()).scheduled({ cron: config.triggers.crons[0] }),
    /** Its D1 database. */
    database: async () => new Kysely({ dialect: d1Dialect(await miniflare.getD1Database("DB")) }),
    /** Its Durable Object. */
    sessions: async () => {
      const namespace = await miniflare.getDurableObjectNamespace("SESSIONS");
      return namespace.get(namespace.idFromName("all"));
    },
    stop: () => miniflare.dispose(),
  };
}

/** The script, with the core's module beside it. */
export async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    outdir: "worker",
    bundle: true,
    format: "esm",
    write: false,
    alias: await packageExports(),
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    loader: { ".wasm": "copy" },
    logLevel: "warning",
  });
  const modules = outputFiles.map(({ path, contents }) => ({
    type: path.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
    path: basename(path),
    contents,
  }));
  return modules.sort((a, b) => a.type.localeCompare(b.type)).reverse();
}

/**
 * Resolves `rollcall` and its other entry points for workerd, because the workspace's own exports
 * are for Node.
 */
async function packageExports() {
  const { exports } = JSON.parse(await readFile(join(root, "pkg/package.json"), "utf8"));
  const entries = Object.entries(exports).filter(([, entry]) => typeof entry === "object");
  return Object.fromEntries(
    entries.map(([name, entry]) => [
      `rollcall${name.slice(1)}`,
      join(root, "pkg", entry.workerd ?? entry.default),
    ]),
  );
}
