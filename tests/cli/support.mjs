// Shared by all tests of the command: a provider with sessions in an SQLite file behind a real HTTP
// server, and the built command as a child process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { serve } from "@hono/node-server";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { LogoutDelivery, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { adminApi, eventFeed, staticSecret } from "../../pkg/http.js";
import { libsqlDialect, migrate, sqlStores } from "../../pkg/sql.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The built command. */
export const COMMAND = join(root, "pkg/bin/rollcall.js");

export const SECRET = "0123456789abcdef0123456789abcdef";

const KEYS = { current: "1", keys: { 1: new Uint8Array(32) } };

/**
 * An admin API on a local port, with an SQLite file in a fresh folder. The client `down` never
 * accepts a notification, and `slow` fails its first attempt.
 *
 * `options` override those of `adminApi`, and `host` the members of the host.
 */
export async function provider({ permissions, host: members = {}, ...options } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-cli-"));
  const file = join(folder, "sessions.db");
  const client = createClient({ url: pathToFileURL(file).href });
  const kysely = new Kysely({ dialect: libsqlDialect(client) });
  await migrate(kysely, { dialect: "sqlite" });
  const events = eventFeed();
  const sent = [];
  const host = {
    ...sqlStores(kysely, { dialect: "sqlite" }),
    clients: (clientId) => ({
      clientId,
      ...(clientId !== "silent" && {
        backChannelLogoutUri: `https://${encodeURIComponent(clientId)}.example.com/logout`,
      }),
    }),
    sendLogout: ({ clientId, subjectId, sessionId }) => {
      if (clientId === "down") return { delivered: false, retry: false, error: "it is down" };
      if (clientId === "slow") return { delivered: false, retry: true, error: "it is slow" };
      sent.push([clientId, subjectId, sessionId]);
      return { delivered: true, status: 200 };
    },
    delivery: { wait: 500 },
    onEvent: events.publish,
    ...members,
  };
  const tickets = new TicketStore(host, { keys: KEYS });
  const management = new SessionManagement(host);
  const api = adminApi({
    management,
    delivery: new LogoutDelivery(host),
    events,
    authorize: staticSecret({
      secret: SECRET,
      actor: "on-call",
      permissions: permissions ?? ["read", "remove", "purge"],
    }),
    onError: () => {},
    ...options,
  });
  /** The method and path of each request. */
  const requests = [];
  let intercept;
  const server = serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      requests.push(`${request.method} ${new URL(request.url).pathname}`);
      return (await intercept?.(request)) ?? api(request);
    },
  });
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/admin`;
  return {
    url,
    file,
    folder,
    events,
    management,
    requests,
    sent,
    /** Answers some requests instead of the API; `undefined` passes them to the API. */
    intercept: (answer) => {
      intercept = answer;
    },
    signIn: (subjectId, sessionId, more = {}) =>
      tickets.store({ subjectId, sessionId, clients: ["shop", "web"], ...more }),
    /** All remaining sessions, as `subject/session`. */
    left: async () => {
      const { results } = await management.querySessions({ countRequested: 1000, order: "oldest" });
      return results.map(({ subjectId, sessionId }) => `${subjectId}/${sessionId}`);
    },
    /** Runs the command with this API. */
    rollcall: (args, more = {}) => {
      const { env, ...rest } = more;
      return rollcall(args, {
        ...rest,
        env: { ROLLCALL_URL: url, ROLLCALL_TOKEN: SECRET, ...env },
      });
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await kysely.destroy();
      client.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The environment of the command: only the path of this process. */
function environment(env) {
  return { PATH: process.env.PATH, HOME: process.env.HOME, TERM: "xterm-256color", ...env };
}

/**
 * Runs the command in a pipe until it exits.
 *
 * @returns {Promise<{ out: string, err: string, status: number }>}
 */
export async function rollcall(args, options = {}) {
  const {
    env = {},
    cwd,
    input = "",
    program = [process.execPath, COMMAND],
    onStart,
    onData,
    onError,
  } = options;
  const [file, ...before] = program;
  const child = spawn(file, [...before, ...args], { cwd, env: environment(env) });
  onStart?.(child);
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const printed = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed.out += text;
    onData?.(printed.out, child);
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    printed.err += text;
    onError?.(printed.err, child);
  });
  const [status, signal] = await once(child, "close");
  return { ...printed, status: status ?? signal };
}

/** Whether this machine can provide a terminal. */
export const hasTerminal = existsSync("/usr/bin/script") || existsSync("/bin/script");

/**
 * Runs the command in a pseudo-terminal, with `script` of util-linux.
 *
 * @param {string[]} args
 * @param {object} [options]
 * @param {number} [options.columns]
 * @param {[after: RegExp, text: string | (() => void)][]} [options.typed] input to type, or a
 *   function to call, each as soon as the screen shows a match
 * @returns {Promise<{ screen: string, status: number }>} both streams, with plain line ends
 */
export async function inTerminal(args, { columns = 80, typed = [], env = {}, cwd } = {}) {
  const command = [process.execPath, COMMAND, ...args].map(shellQuoted).join(" ");
  const child = spawn(
    "script",
    ["-qefc", `stty cols ${columns} rows 40 -echo; exec ${command}`, "/dev/null"],
    { cwd, env: environment({ SHELL: "/bin/sh", ...env }) },
  );
  let screen = "";
  const left = [...typed];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    screen += text;
    while (left.length > 0 && left[0][0].test(screen)) {
      const [, answer] = left.shift();
      if (typeof answer === "function") answer();
      else child.stdin.write(answer);
    }
  });
  child.stdin.on("error", () => {});
  const [status] = await once(child, "close");
  return { screen: screen.replaceAll("\r\n", "\n"), status };
}

function shellQuoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Parses lines of tab-separated values. */
export function rows(text) {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
}
