/**
 * Runs a program of `examples/admin-api/` as its README says, in a folder with the packages that it
 * names.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { TicketStore } from "rollcall";
import { libsqlDialect, migrate, sqlStores } from "rollcall/sql";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const examples = join(root, "examples/admin-api");

export const SECRET = "the-secret-of-an-operator-of-the-tests";

/** The packages that README.md installs for all programs. */
const INSTALLED = ["kysely", "@libsql/client", "@hono/node-server"];

/** A folder with the programs and their packages. */
export async function install(packages) {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-admin-api-"));
  await cp(examples, folder, { recursive: true });
  const names = [...INSTALLED, ...packages];
  for (const name of names) {
    await mkdir(dirname(join(folder, "node_modules", name)), { recursive: true });
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  await symlink(join(root, "pkg"), join(folder, "node_modules/rollcall"));
  const dependencies = Object.fromEntries([...names, "rollcall"].map((name) => [name, "*"]));
  await writeFile(join(folder, "package.json"), JSON.stringify({ dependencies }));
  return folder;
}

/** Makes the programs of a folder print events that no client can observe. */
export async function watch(folder) {
  const file = join(folder, "admin.mjs");
  const watched = (await readFile(file, "utf8")).replace(
    /from "rollcall\/(?:http|sql)"/g,
    'from "./watched.mjs"',
  );
  await writeFile(file, watched);
  await cp(new URL("watched.mjs", import.meta.url), join(folder, "watched.mjs"));
}

/**
 * Starts `command` in the folder. `line` waits for the next line of its output that matches.
 * `output` has the whole output.
 */
export function spawnIn(folder, [command, ...args], environment) {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(command, args, {
    cwd: folder,
    env: {
      ...inherited,
      PORT: "0",
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      DENO_DIR: join(folder, ".deno"),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = [];
  let seen = 0;
  let changed = () => {};
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      output.push(line);
      changed();
    });
  }
  const closed = once(child, "close").then(([code]) => {
    changed();
    return code;
  });
  return {
    output,
    closed,
    line: async (pattern) => {
      for (;;) {
        for (; seen < output.length; seen += 1) {
          const found = pattern.exec(output[seen]);
          if (found === null) continue;
          seen += 1;
          return found;
        }
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`the program ended without ${pattern}:\n${output.join("\n")}`);
        }
        await new Promise((resolve) => {
          changed = resolve;
        });
      }
    },
    stop: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** The database of a folder, with its sessions. */
export async function openDatabase(folder) {
  const client = createClient({ url: `file:${join(folder, "sessions.db")}` });
  const kysely = new Kysely({ dialect: libsqlDialect(client) });
  await migrate(kysely, { dialect: "sqlite" });
  const stores = sqlStores(kysely, { dialect: "sqlite" });
  const tickets = new TicketStore(stores, {
    keys: { current: "1", keys: { 1: new Uint8Array(32) } },
  });
  return {
    signIn: (subjectId, sessionId) => tickets.store({ subjectId, sessionId }),
    count: (subjectId) => stores.sessions.count({ subjectId: { equals: subjectId } }),
    /** Takes the write lock, and returns a function that releases it. */
    lock: async () => {
      const transaction = await client.transaction("write");
      return () => transaction.rollback();
    },
    close: async () => {
      await kysely.destroy();
      client.close();
    },
  };
}

/** Starts a program with a database, and waits until it listens. */
export async function start({ packages, command }) {
  const folder = await install(packages);
  await watch(folder);
  const database = await openDatabase(folder);
  const program = spawnIn(folder, command, { ADMIN_SECRET: SECRET });
  const [, port] = await program.line(/^listening on .*?(\d+)\D*$/i);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    database,
    line: program.line,
    output: program.output,
    /** A request on a new connection, or on one of `agent`. */
    request: (method, path, { secret = SECRET, headers = {}, agent = false } = {}) =>
      request({
        host: "127.0.0.1",
        port,
        method,
        path,
        agent,
        headers: { ...(secret && { authorization: `Bearer ${secret}` }), ...headers },
      }),
    /** A call on the connection that all calls share. */
    async call(method, path, { body, ...options } = {}) {
      const headers = body === undefined ? {} : { "content-type": "application/json" };
      const call = this.request(method, path, { agent, headers, ...options });
      call.end(typeof body === "object" ? JSON.stringify(body) : body);
      const [response] = await once(call, "response");
      const { statusCode: status, headers: received } = response;
      const chunks = await response.toArray();
      const text = Buffer.concat(chunks).toString();
      const isJson = /json/.test(received["content-type"]) && text !== "";
      return { status, headers: received, text, json: isJson ? JSON.parse(text) : undefined };
    },
    stop: async () => {
      agent.destroy();
      await program.stop();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}
