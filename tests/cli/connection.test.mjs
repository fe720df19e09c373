// The source of the sessions: an API, a host module or a database. The token, and errors of the
// connection.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Kysely, MysqlDialect, PostgresDialect } from "kysely";
import { createPool } from "mysql2";
import pg from "pg";
import { TicketStore } from "../../pkg/entry/node.js";
import { migrate, sqlStores } from "../../pkg/sql.js";

import { startMariadb } from "../servers/mariadb.mjs";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { provider, rollcall, rows, SECRET } from "./support.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

let api;
let folder;
before(async () => {
  api = await provider();
  await api.signIn("12345", "bob-1", { displayName: "Bob Baker" });
  folder = await mkdtemp(join(tmpdir(), "rollcall-cli-"));
});
after(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const list = ["sessions", "list"];

test("the URL is the mount point, optionally followed by a slash or `/v1`", async () => {
  for (const end of ["", "/", "/v1", "/v1/"]) {
    const { out, err } = await rollcall([...list, "--url", api.url + end], {
      env: { ROLLCALL_TOKEN: SECRET },
    });
    assert.equal(rows(out).length, 2, err);
  }
});

test("flags can precede or follow the command", async () => {
  const env = { ROLLCALL_TOKEN: SECRET };
  const before = await rollcall(["--url", api.url, "--json", ...list], { env });
  assert.equal(JSON.parse(before.out).results.length, 1);
  const both = await rollcall(["--url", "http://127.0.0.1:1", ...list, "--url", api.url], { env });
  assert.equal(both.status, 0, both.err);
});

test("the token can be in a file, with a warning if others can read it", async () => {
  const file = join(folder, "token");
  await writeFile(file, `${SECRET}\n`, { mode: 0o600 });
  const args = [...list, "--url", api.url, "--token-file", file];
  assert.deepEqual([(await rollcall(args)).err, (await rollcall(args)).status], ["", 0]);
  await chmod(file, 0o644);
  const { err, status } = await rollcall(args);
  assert.equal(err, `warning: others can read \`${file}\`: run \`chmod 600\` on it\n`);
  assert.equal(status, 0);
  for (const text of ["", "two\nlines"]) {
    await writeFile(file, text);
    assert.equal((await rollcall(args)).status, 2);
  }
  assert.equal((await rollcall([...args.slice(0, -1), join(folder, "none")])).status, 2);
  assert.equal((await rollcall([...list, "--token", SECRET])).status, 2);
});

test("not signed in and forbidden exit with 3, and `--json` prints the problem", async () => {
  const stranger = await api.rollcall(list, { env: { ROLLCALL_TOKEN: "" } });
  assert.equal(stranger.status, 3);
  assert.match(stranger.err, /^error: the API doesn't know you: set `ROLLCALL_TOKEN` or give/);
  const json = await api.rollcall([...list, "--json"], { env: { ROLLCALL_TOKEN: "" } });
  assert.equal(json.out, "");
  assert.equal(JSON.parse(json.err).code, "not_signed_in");
  const reader = await provider({ permissions: ["read"] });
  try {
    await reader.signIn("a", "a-1");
    const { err, status } = await reader.rollcall(["sessions", "end", "a-1", "--yes"]);
    assert.equal(status, 3);
    assert.match(err, /^error: .*`remove`/);
    assert.deepEqual(await reader.left(), ["a/a-1"]);
  } finally {
    await reader.close();
  }
});

test("a URL that isn't an admin API exits with 1 and an error", async () => {
  for (const [answer, message] of [
    [
      () => Response.redirect("https://elsewhere.example/", 302),
      "`URL/v1/sessions/query` redirects to `https://elsewhere.example/`: redirects aren't followed, because the token would go along; give the mount point of the API by `--url`",
    ],
    [
      () => new Response("", { status: 502 }),
      "`URL/v1/sessions/query` answered with the status 502",
    ],
    ...[
      [() => new Response("<p>hello"), "something else than JSON"],
      [() => Response.json({ message: "no" }, { status: 404 }), "the status 404"],
      [() => new Response("", { status: 405 }), "the status 405"],
    ].map(([answer, what]) => [
      answer,
      `there is no admin API at \`URL\`: \`URL/v1/sessions/query\` answered with ${what}; give its mount point by \`--url\``,
    ]),
  ]) {
    api.intercept(answer);
    const { err, status } = await api.rollcall(list);
    assert.deepEqual([err, status], [`error: ${message.replaceAll("URL", api.url)}\n`, 1]);
  }
  api.intercept(undefined);
  const elsewhere = await api.rollcall([...list, "--url", new URL("/x", api.url).href]);
  assert.equal(elsewhere.status, 0, "an API that ignores the mount point");
  const unreachable = await rollcall([...list, "--url", "http://127.0.0.1:1"]);
  assert.equal(unreachable.status, 1);
  assert.match(unreachable.err, /^error: `http:\/\/127.0.0.1:1` can't be reached: .+\n$/);
});

/** Every command that calls an API. */
const COMMANDS = [
  ["sessions", "list"],
  ["sessions", "show", "bob-1"],
  ["sessions", "end", "bob-1", "--yes"],
  ["sessions", "end", "--subject", "12345", "--yes"],
  ["purge", "--client", "shop", "--confirm", "1"],
  ["deliveries", "list"],
  ["deliveries", "retry", "x"],
  ["deliveries", "retry", "--all-failed"],
  ["events"],
  ["stats"],
  ["whoami"],
  ["openapi"],
];

test("no command accepts an answer that isn't an admin API's", async () => {
  try {
    for (const [text, type] of [
      ["<p>hello", "text/html"],
      ...['{"hello":1}', "null", "[]", '"x"', '{"results":[null],"deliveries":[{}]}'].map(
        (json) => [json, "application/json"],
      ),
      ["data: hello\n\n", "text/event-stream"],
    ]) {
      api.intercept(() => new Response(text, { headers: { "content-type": type } }));
      for (const args of COMMANDS) {
        const { out, err, status } = await api.rollcall(args);
        const said = `${args.join(" ")} by ${text}: ${err}`;
        assert.deepEqual([out, status], ["", 1], said);
        assert.ok(err.startsWith(`error: there is no admin API at \`${api.url}\`: \``), said);
        assert.equal(err.split("\n").length, 2, said);
      }
    }
  } finally {
    api.intercept(undefined);
  }
});

test("no command retries a URL that has never worked", async () => {
  for (const args of COMMANDS) {
    for (const url of ["http://rollcall.invalid", await closedPort()]) {
      const { err, status } = await rollcall([...args, "--url", url]);
      assert.equal(status, 1, `${args.join(" ")}: ${err}`);
      assert.ok(err.startsWith(`error: \`${url}\` can't be reached: `), err);
    }
  }
});

/** The URL of a port where nothing listens. */
async function closedPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

test("wrong flags for the source exit with 2", async () => {
  for (const args of [
    [],
    ["--url", "ftp://id.example.com"],
    ["--url", "https://carol:secret@id.example.com"],
    ["--url", api.url, "--database", "file:x"],
    ["--database", "oracle://x"],
    ["--database", "file:none.db"],
    ["--host", "none.mjs"],
  ]) {
    const { err, status } = await rollcall([...list, ...args], { cwd: folder });
    assert.equal(status, 2, args.join(" "));
    assert.doesNotMatch(err, /carol|secret/);
  }
});

test("the error of an unusable source is one line that names the right value", async () => {
  const fileOf = async (name, text) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const empty = await fileOf("empty.mjs", "export default {};");
  const other = await fileOf("other.db", "no database, but longer than its header");
  const token = "give the file with the token";
  const server = "://user@host/name`, with special characters of a password as `%23`";
  const file =
    "`--database` must name a file, such as `sqlite:sessions.db` or `file:///data/sessions.db`";
  for (const [args, message] of [
    [["--url", ""], "`--url` must not be blank"],
    [["--host", ""], "`--host` must not be blank"],
    [["--database", ""], "`--database` must not be blank"],
    [["--url", api.url, "--token-file", ""], "`--token-file` must not be blank"],
    [
      ["--url", api.url, "--token-file", folder],
      `\`--token-file\`: \`${folder}\` can't be read: it is a folder; ${token}`,
    ],
    [
      ["--url", api.url, "--token-file", "none"],
      `\`--token-file\`: \`none\` can't be read: there is no such file; ${token}`,
    ],
    [["--host", folder], `\`--host\`: \`${folder}\` is a folder: give the path of the module`],
    [
      ["--host", empty],
      `\`--host\`: the default export of \`${empty}\` isn't a host: the host: \`sessions\` must be a session store`,
    ],
    [["--database", "sqlite:"], file],
    [["--database", "file://elsewhere/x.db"], file],
    [["--database", "file:///%zz"], file],
    [
      ["--database", `sqlite:${folder}`],
      `\`--database\`: \`${folder}\` is a folder: give the path of the SQLite database`,
    ],
    [["--database", `file:${other}`], `\`--database\`: \`${other}\` is no SQLite database`],
    [["--database", "mariadb:x"], `\`--database\` must be a URL such as \`mariadb${server}`],
    [
      ["--database", "postgres://carol:sec/ret@h/x"],
      `\`--database\` must be a URL such as \`postgres${server}`,
    ],
  ]) {
    const { err, status } = await rollcall([...list, ...args], { cwd: folder });
    assert.deepEqual([err, status], [`error: ${message}\n`, 2]);
  }
});

test("the error of an unreachable source doesn't quote the system's message", async () => {
  const port = new URL(await closedPort()).port;
  for (const [args, message] of [
    [
      ["--url", api.url.replace("http:", "https:")],
      `\`${new URL(api.url).origin.replace("http:", "https:")}\` can't be reached: it doesn't speak https: give an http URL`,
    ],
    [
      ["--url", `http://127.0.0.1:${port}`],
      `\`http://127.0.0.1:${port}\` can't be reached: nothing listens there`,
    ],
    [
      ["--database", `postgres://127.0.0.1:${port}/x`],
      "the database can't be reached: nothing listens there; check its URL",
    ],
    [
      ["--database", `mysql://127.0.0.1:${port}/x`],
      "the database can't be reached: nothing listens there; check its URL",
    ],
  ]) {
    const { err, status } = await rollcall([...list, ...args], { cwd: root });
    assert.deepEqual([err, status], [`error: ${message}\n`, 1]);
  }
});

test("a host module runs in this process, with the actor `cli:<user>`", async () => {
  const file = join(folder, "host.mjs");
  await writeFile(
    file,
    `import { memoryStores } from ${JSON.stringify(join(root, "pkg/entry/memory-node.js"))};
     import { TicketStore } from ${JSON.stringify(join(root, "pkg/entry/node.js"))};
     const stores = memoryStores();
     const host = {
       ...stores,
       clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://web.example/" }),
       sendLogout: () => ({ delivered: true }),
       onEvent: (event) => console.error(event.type, event.actor ?? ""),
     };
     const tickets = new TicketStore(stores, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
     await tickets.store({ subjectId: "12345", sessionId: "bob-1", clients: ["web"] });
     setInterval(() => {}, 1000);
     export default host;`,
  );
  const { out, err, status } = await rollcall([
    ...["sessions", "end", "bob-1", "--yes", "--host", file],
  ]);
  assert.equal(status, 0, err);
  assert.match(err, /^session_removed cli:\S+$/m);
  assert.equal(rows(out)[1][1], "delivered");
  await writeFile(file, "export default 7;");
  assert.equal((await rollcall([...list, "--host", file])).status, 2);
  await writeFile(file, "throw new Error('no \\u001b key');");
  const broken = await rollcall([...list, "--host", file]);
  assert.equal(broken.status, 1);
  assert.match(broken.err, /can't be loaded: no \\u001b key/);
});

test("with a database sessions are listed, and ended only with `--no-notify`", async () => {
  const place = ["--database", `sqlite:${api.file}`];
  const listed = await rollcall([...list, ...place], { cwd: root });
  assert.equal(rows(listed.out)[1][0], "bob-1", listed.err);
  await api.signIn("eve", "eve-1");
  const refused = await rollcall(["sessions", "end", "eve-1", "--yes", ...place], { cwd: root });
  assert.equal(refused.status, 2);
  assert.match(refused.err, /no client can be notified: give `--no-notify`/);
  const preview = ["purge", "--subject", "eve", "--dry-run", ...place];
  const note = "note: a database has neither clients nor keys, so no client is notified\n";
  assert.equal(
    (await rollcall(preview, { cwd: root })).err,
    `${note}dry run: 1 session would end\n`,
  );
  const dryRun = await rollcall(["sessions", "end", "eve-1", "--dry-run", ...place], { cwd: root });
  assert.equal(
    dryRun.err,
    `${note}dry run: ends 1 session of eve, notifies no client\n` +
      "note: consents were kept: they belong to the subject and not to a session\n",
  );
  assert.deepEqual(await api.left(), ["12345/bob-1", "eve/eve-1"]);
  const ended = await rollcall(["sessions", "end", "eve-1", "--yes", "--no-notify"], {
    cwd: root,
    env: { ROLLCALL_DATABASE: `file:${api.file}` },
  });
  assert.equal(ended.status, 0, ended.err);
  assert.deepEqual(await api.left(), ["12345/bob-1"]);
});

/** A Kysely instance with a pool of the driver. */
const SERVERS = {
  PostgreSQL: {
    dialect: "postgres",
    start: startPostgres,
    open: (url) => {
      const pool = new pg.Pool({ connectionString: url });
      // A connection can still emit an error when the server stops.
      pool.on("error", () => {});
      pool.on("connect", (client) => client.on("error", () => {}));
      return new PostgresDialect({ pool });
    },
  },
  MariaDB: {
    dialect: "mariadb",
    start: startMariadb,
    open: (url) => new MysqlDialect({ pool: createPool(url) }),
  },
};

for (const [name, { dialect, start, open }] of Object.entries(SERVERS)) {
  test(`a database can be ${name}`, async (t) => {
    let server;
    try {
      server = await start();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      t.skip(error.message);
      return;
    }
    const kysely = new Kysely({ dialect: open(server.url) });
    try {
      await migrate(kysely, { dialect });
      const tickets = new TicketStore(sqlStores(kysely, { dialect }), {
        keys: { current: "1", keys: { 1: new Uint8Array(32) } },
      });
      await tickets.store({ subjectId: "12345", sessionId: "bob-1" });
      const url = server.url.replace(/^\w+:/, `${dialect}:`);
      const { out, err } = await rollcall([...list, "--database", url], { cwd: root });
      assert.equal(rows(out)[1]?.[0], "bob-1", err);
    } finally {
      await kysely.destroy();
      await server.stop();
    }
  });
}

test("the error names a missing driver and the command that installs it", async () => {
  const project = await bareFolder();
  const installed = join(project, "node_modules");
  await mkdir(installed, { recursive: true });
  await cp(join(root, "pkg"), join(installed, "rollcall"), { recursive: true });
  const program = [process.execPath, join(installed, "rollcall/bin/rollcall.js")];
  const run = (url) => rollcall([...list, "--database", url], { cwd: project, program });
  const without = await run("postgres://127.0.0.1:1/x");
  assert.equal(without.status, 1);
  assert.equal(
    without.err,
    "error: `kysely` isn't installed in this project: run `npm install rollcall kysely` here, then the command again\n",
  );
  await symlink(join(root, "node_modules/kysely"), join(installed, "kysely"));
  for (const [url, name] of [
    ["postgres://127.0.0.1:1/x", "pg"],
    ["mysql://127.0.0.1:1/x", "mysql2"],
    ["mariadb://127.0.0.1:1/x", "mysql2"],
  ]) {
    const { err, status } = await run(url);
    assert.equal(status, 1);
    assert.match(err, new RegExp(`run \`npm install rollcall kysely ${name}\` here`));
  }
  await rm(project, { recursive: true });
});

/** A fresh folder without packages in it or in its parents. */
async function bareFolder() {
  for (const place of [tmpdir(), "/var/tmp", "/dev/shm", homedir()]) {
    const bare = await mkdtemp(join(place, "rollcall-bare-")).catch(() => undefined);
    if (bare === undefined) continue;
    const paths = createRequire(join(bare, "file.js")).resolve.paths("kysely") ?? [];
    if (!paths.some((path) => existsSync(join(path, "kysely")))) return bare;
    await rm(bare, { recursive: true });
  }
  throw new Error("every folder for temporary files is below a folder with packages");
}
