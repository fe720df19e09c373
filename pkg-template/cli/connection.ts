/**
 * The API that a command speaks to, over the network or in this process.
 *
 * @module
 */

import { readFile, stat } from "node:fs/promises";
import type { Connection } from "./client.js";
import { reasonOf, usage } from "./failure.js";
import { notBlank } from "./filters.js";
import type { Output } from "./output.js";
import { safe } from "./text.js";

/** The flags and variables that say where the API is. */
export interface ConnectionFlags {
  url?: string;
  host?: string;
  database?: string;
  tokenFile?: string;
}

/** Opens what the flags name, or else the variables of the environment. */
export async function connect(flags: ConnectionFlags, output: Output): Promise<Connection> {
  const { url, host, database, tokenFile } = flags;
  for (const [flag, value] of Object.entries({ url, host, database, "token-file": tokenFile })) {
    if (value !== undefined) notBlank(`--${flag}`, value);
  }
  if ([url, host, database].filter((place) => place !== undefined).length > 1) {
    throw usage("give one of `--url`, `--host` and `--database`");
  }
  if (host !== undefined) return (await import("./in-process.js")).hostConnection(host);
  if (database !== undefined) {
    return (await import("./in-process.js")).databaseConnection(database);
  }
  const { ROLLCALL_URL, ROLLCALL_DATABASE } = process.env;
  if (url === undefined && !ROLLCALL_URL && ROLLCALL_DATABASE) {
    return (await import("./in-process.js")).databaseConnection(ROLLCALL_DATABASE);
  }
  const place = url ?? ROLLCALL_URL;
  if (!place) {
    throw usage("say where the sessions are: give `--url`, `--host` or `--database`");
  }
  return await networkConnection(place, flags, output);
}

async function networkConnection(
  place: string,
  { tokenFile }: ConnectionFlags,
  output: Output,
): Promise<Connection> {
  const base = baseOf(place);
  const token = await tokenOf(tokenFile, output);
  const { protocol, hostname } = new URL(base);
  if (token !== undefined && protocol === "http:" && !isLoopback(hostname)) {
    output.say("warning: the token is sent without encryption: use https");
  }
  return {
    base,
    // A redirect would take the token to another place.
    fetch: (request) => fetch(request, { redirect: "manual" }),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    isDatabase: false,
    isInProcess: false,
    settle: async () => {},
  };
}

/** The mount point of the API, which may be given with `/v1` behind it. */
function baseOf(place: string): string {
  const url = URL.canParse(place) ? new URL(place) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usage(`\`--url\` must be an http or https URL, not \`${safe(place)}\``);
  }
  if (url.username !== "" || url.password !== "") {
    throw usage("`--url` must not hold a password: give a token by `ROLLCALL_TOKEN`");
  }
  return url.origin + url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
}

async function tokenOf(file: string | undefined, output: Output): Promise<string | undefined> {
  const { ROLLCALL_TOKEN } = process.env;
  if (file === undefined) return checkedToken(ROLLCALL_TOKEN, "`ROLLCALL_TOKEN`");
  const name = safe(file);
  let text: string;
  try {
    text = await readFile(file, "utf8");
    if (process.platform !== "win32" && ((await stat(file)).mode & 0o077) !== 0) {
      output.say(`warning: others can read \`${name}\`: run \`chmod 600\` on it`);
    }
  } catch (error) {
    throw usage(
      `\`--token-file\`: \`${name}\` can't be read: ${reasonOf(error)}; give the file with the token`,
    );
  }
  const token = checkedToken(text, `\`${name}\``);
  if (token === undefined) throw usage(`\`${name}\` is empty: put a token into it`);
  return token;
}

/** A token that can be a header. */
function checkedToken(text: string | undefined, where: string): string | undefined {
  const token = text?.trim();
  if (!token) return undefined;
  if (!/^[\x21-\x7e]+$/.test(token)) throw usage(`${where} isn't one token in one line`);
  return token;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
