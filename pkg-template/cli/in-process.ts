/**
 * The admin API in this process, over a host module or over a database alone. Only this loads the
 * core.
 *
 * @module
 */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Dialect, MysqlPool, PostgresPool } from "kysely";
import type { ProblemDocument } from "../src/http/shapes.js";
import type {
  BunSqliteDatabase,
  LibsqlClient,
  NodeSqliteDatabase,
  SqlDialectName,
} from "../src/sql.js";
import type { Host } from "../src/types.js";
import type { Connection } from "./client.js";
import { codeOf, Failure, knownReason, messageOf, reasonOf, usage } from "./failure.js";
import { safe } from "./text.js";

/** The API over the default export of a module, which is a `Host`. */
export async function hostConnection(file: string): Promise<Connection> {
  const path = resolve(file);
  const name = safe(file);
  checkFile("--host", path, "the module");
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (cause) {
    const reason = `\`${name}\` can't be loaded: ${safe(messageOf(cause))}`;
    throw new Failure("not_loaded", reason, { cause });
  }
  if (typeof module.default !== "object" || module.default === null) {
    throw noHost(name, "must be a host, as for `SessionManagement`");
  }
  try {
    return await inProcess(module.default as Host, { isDatabase: false });
  } catch (error) {
    if (codeOf(error) !== "invalid_argument") throw error;
    throw noHost(name, `isn't a host: ${safe(messageOf(error))}`);
  }
}

function noHost(name: string, why: string): Failure {
  return usage(`\`--host\`: the default export of \`${name}\` ${why}`);
}

/** Refuses a path that is no file. */
function checkFile(flag: string, path: string, what: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw usage(`\`${flag}\`: there is no file \`${safe(path)}\`: give the path of ${what}`);
  }
  if (stats.isDirectory()) {
    throw usage(`\`${flag}\`: \`${safe(path)}\` is a folder: give the path of ${what}`);
  }
}

/** The API over a database, which has sessions but no clients. */
export async function databaseConnection(url: string): Promise<Connection> {
  const { dialect, open } = databaseOf(url);
  const { Kysely } = await kyselyModule();
  const { sqlStores } = await import("rollcall/sql");
  const kysely = new Kysely<unknown>({ dialect: await open() });
  return await inProcess(sqlStores(kysely, { dialect }), { isDatabase: true });
}

async function inProcess(host: Host, kind: { isDatabase: boolean }): Promise<Connection> {
  const [{ LogoutDelivery, SessionManagement }, { adminApi }] = await Promise.all([
    import("rollcall"),
    import("rollcall/http"),
  ]);
  const actor = `cli:${userName()}`;
  const failures: unknown[] = [];
  const api = adminApi({
    management: new SessionManagement(host),
    ...(host.outbox !== undefined && { delivery: new LogoutDelivery(host) }),
    authorize: () => ({ actor, permissions: ["read", "remove", "purge"] }),
    onError: (error) => failures.push(error),
  });
  const left: Promise<unknown>[] = [];
  const waitUntil = (work: Promise<unknown>) => left.push(work);
  return {
    ...kind,
    isInProcess: true,
    base: "http://in-process.invalid",
    headers: {},
    fetch: async (request) => {
      failures.length = 0;
      const response = await api(request, { waitUntil });
      // There is no server whose log has the reason.
      if (response.status >= 500 && failures.length > 0)
        throw await hostFailure(response, failures[0], kind);
      return response;
    },
    settle: async () => {
      await Promise.allSettled(left);
    },
  };
}

/** A failure of a store or a sender, with the reason that the API keeps to the server. */
async function hostFailure(
  response: Response,
  thrown: unknown,
  { isDatabase }: { isDatabase: boolean },
): Promise<Failure> {
  const { cause } = Object(thrown) as { cause?: unknown };
  const known = isDatabase ? knownReason(cause) : undefined;
  const reason = cause === undefined ? "" : ` (${reasonOf(cause)})`;
  const detail =
    known === undefined
      ? `${safe(messageOf(thrown))}${reason}`
      : `the database can't be reached: ${known}; check its URL`;
  const problem = { ...((await response.json()) as ProblemDocument), detail };
  return new Failure("failed", detail, { problem, cause: thrown });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without a name, as in some containers.
    return String(process.getuid?.() ?? "unknown");
  }
}

/** A database, and what opens it. */
interface Database {
  dialect: SqlDialectName;
  open: () => Promise<Dialect>;
}

function databaseOf(url: string): Database {
  const scheme = /^[a-z]+(?=:)/.exec(url)?.[0] ?? "";
  switch (scheme) {
    case "sqlite":
    case "file":
      return { dialect: "sqlite", open: () => openSqlite(sqliteFile(url)) };
    case "postgres":
    case "postgresql":
      return { dialect: "postgres", open: () => openPostgres(serverUrl(url)) };
    case "mysql":
    case "mariadb":
      return { dialect: scheme, open: () => openMysql(serverUrl(url)) };
    default:
      throw usage(
        "`--database` must be a URL that begins with `sqlite:`, `file:`, `postgres:`, `mysql:` or `mariadb:`",
      );
  }
}

/** The URL of a database server. It may hold a password, so no error has it. */
function serverUrl(url: string): string {
  const [scheme] = url.split(":");
  if (/^\w+:\/\//.test(url) && URL.canParse(url)) return url;
  throw usage(
    `\`--database\` must be a URL such as \`${scheme}://user@host/name\`, with special characters of a password as \`%23\``,
  );
}

/** `sqlite:sessions.db`, `sqlite:///var/sessions.db` and `file:///var/sessions.db` name files. */
function sqliteFile(url: string): string {
  const path = url.replace(/^(?:sqlite|file):/, "");
  const file = path.startsWith("//") ? pathOfUrl(`file:${path}`) : resolve(path);
  if (path === "" || file === undefined) {
    throw usage(
      "`--database` must name a file, such as `sqlite:sessions.db` or `file:///data/sessions.db`",
    );
  }
  checkFile("--database", file, "the SQLite database");
  if (!isSqlite(file)) throw usage(`\`--database\`: \`${safe(file)}\` is no SQLite database`);
  return file;
}

function pathOfUrl(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** How an SQLite file begins, unless it is empty (SQLite, "Database File Format", section 1.2). */
const HEADER = "SQLite format 3\0";

function isSqlite(file: string): boolean {
  try {
    const descriptor = openSync(file, "r");
    const begin = Buffer.alloc(HEADER.length);
    const length = readSync(descriptor, begin);
    closeSync(descriptor);
    return length === 0 || begin.toString("latin1") === HEADER;
  } catch (error) {
    throw usage(`\`--database\`: \`${safe(file)}\` can't be read: ${reasonOf(error)}`);
  }
}

interface Libsql {
  createClient: (options: { url: string }) => LibsqlClient;
}
interface NodeSqlite {
  DatabaseSync: new (file: string) => NodeSqliteDatabase;
}
interface BunSqlite {
  Database: new (file: string) => BunSqliteDatabase;
}

async function openSqlite(file: string): Promise<Dialect> {
  const { libsqlDialect, nodeSqliteDialect, bunSqliteDialect } = await import("rollcall/sql");
  const libsql = fromProject<Libsql>("@libsql/client");
  if (libsql !== undefined) {
    return libsqlDialect(libsql.createClient({ url: pathToFileURL(file).href }));
  }
  if ("bun" in process.versions) {
    const bun: string = "bun:sqlite";
    const { Database } = (await import(bun)) as BunSqlite;
    return bunSqliteDialect(new Database(file));
  }
  const node: string = "node:sqlite";
  const sqlite = await import(node).catch(() => undefined);
  if (sqlite === undefined) throw missing("@libsql/client");
  return nodeSqliteDialect(new (sqlite as NodeSqlite).DatabaseSync(file));
}

interface Pg {
  Pool: new (options: { connectionString: string; max: number }) => PostgresPool;
}

async function openPostgres(url: string): Promise<Dialect> {
  const pg = fromProject<Pg>("pg");
  if (pg === undefined) throw missing("pg");
  const { PostgresDialect } = await kyselyModule();
  return new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 4 }) });
}

interface Mysql {
  createPool: (options: { uri: string; connectionLimit: number }) => MysqlPool;
}

async function openMysql(url: string): Promise<Dialect> {
  const mysql = fromProject<Mysql>("mysql2");
  if (mysql === undefined) throw missing("mysql2");
  const { MysqlDialect } = await kyselyModule();
  const uri = url.replace(/^mariadb:/, "mysql:");
  return new MysqlDialect({ pool: mysql.createPool({ uri, connectionLimit: 4 }) });
}

/** The Kysely that the stores import, because they must work with the same one. */
async function kyselyModule(): Promise<typeof import("kysely")> {
  try {
    return await import("kysely");
  } catch (error) {
    if (codeOf(error) !== "ERR_MODULE_NOT_FOUND") throw error;
    throw missing("kysely");
  }
}

/** A driver of the user's project, or else one beside this package. */
function fromProject<Driver>(name: string): Driver | undefined {
  for (const place of [join(process.cwd(), "rollcall"), fileURLToPath(import.meta.url)]) {
    try {
      return createRequire(place)(name) as Driver;
    } catch (error) {
      if (codeOf(error) !== "MODULE_NOT_FOUND") {
        throw new Failure("not_loaded", `\`${name}\` can't be loaded: ${safe(messageOf(error))}`);
      }
    }
  }
  return undefined;
}

function missing(name: string): Failure {
  const packages = name === "kysely" ? "rollcall kysely" : `rollcall kysely ${name}`;
  return new Failure(
    "not_installed",
    `\`${name}\` isn't installed in this project: run \`npm install ${packages}\` here, then the command again`,
  );
}
