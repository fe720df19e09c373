// A purge with the admin API whose server is killed at random moments. The caller continues with
// its last token, and nothing is lost or done twice.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PURGED_SESSIONS } from "../long.mjs";
import { Unavailable } from "../servers/server.mjs";
import { session } from "../stores/samples.mjs";
import { openDatabase } from "./databases.mjs";
import { newPlaces } from "./places.mjs";

const PROGRAM = fileURLToPath(new URL("purge-server.mjs", import.meta.url));
/** The number of sessions that one call ends. */
const LIMIT = Math.min(1_000, PURGED_SESSIONS / 10);
/** The number of calls that are interrupted. */
const SHARE_OF_KILLS = 0.4;
/** The number of sessions that are created after the preview. */
const LATE = 20;
const BEGUN = Date.now() - 86_400_000;

const FILTER = { clientId: "shop" };

/** For every third session another client is notified too. */
function sessionOf(number, members = {}) {
  const key = createHash("sha256").update(`${number}`).digest("hex");
  return session(key, {
    subjectId: `subject ${number % 1_000}`,
    sessionId: `sid ${number}`,
    created: BEGUN + number,
    clients: [{ clientId: "shop" }, ...(number % 3 === 0 ? [{ clientId: "web" }] : [])],
    ...members,
  });
}

async function store(stores, sessions) {
  const next = sessions.values();
  const work = async () => {
    for (const each of next) await stores.sessions.create(each);
  };
  await Promise.all(Array.from({ length: 10 }, work));
}

/** The server, which is restarted after a kill. */
class Server {
  #args;
  #child;
  #url;
  /** The number of kills. */
  kills = 0;

  constructor(...args) {
    this.#args = args;
  }

  /** Calls the purge. The server may be killed after `killAfter` milliseconds. */
  async purge(body, killAfter) {
    if (this.#child === undefined) {
      this.#child = fork(PROGRAM, this.#args);
      [this.#url] = await once(this.#child, "message");
    }
    const asked = fetch(`${this.#url}/v1/sessions/purge`, {
      method: "POST",
      headers: { authorization: "Bearer token", "content-type": "application/json" },
      body: JSON.stringify(body),
    }).then(async (response) => ({ status: response.status, ...(await response.json()) }));
    if (killAfter === undefined) return asked;
    const settled = asked.catch(() => undefined);
    await wait(killAfter);
    this.kills += 1;
    await this.kill();
    return settled;
  }

  async kill() {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}

for (const engine of ["SQLite", "PostgreSQL"]) {
  test(`a purge whose server is killed is completed, on ${engine}`, async (t) => {
    let found;
    try {
      found = await newPlaces(engine, 1);
    } catch (error) {
      if (error instanceof Unavailable) return t.skip(error.message);
      throw error;
    }
    const { places, close } = found;
    const { kysely, stores } = await openDatabase(engine, places[0]);
    const server = new Server(engine, places[0]);
    t.after(async () => {
      await server.kill();
      await kysely.destroy();
      await close();
    });

    const ending = Array.from({ length: PURGED_SESSIONS }, (_, number) => sessionOf(number));
    const other = sessionOf(PURGED_SESSIONS, { clients: [{ clientId: "forum" }] });
    await store(stores, [...ending, other]);
    const preview = await server.purge({ filter: FILTER });
    assert.equal(preview.count, PURGED_SESSIONS);
    const late = Array.from({ length: LATE }, (_, number) =>
      sessionOf(PURGED_SESSIONS + 1 + number, { created: Date.now() + number }),
    );
    await store(stores, late);

    let { confirmToken } = preview;
    let longest = 20;
    let calls = 0;
    while (confirmToken !== undefined) {
      calls += 1;
      const isKilled = Math.random() < SHARE_OF_KILLS;
      const began = Date.now();
      const answer = await server.purge(
        { filter: FILTER, confirmToken, limit: LIMIT },
        isKilled ? Math.random() * longest : undefined,
      );
      if (!isKilled) longest = Date.now() - began;
      // Without an answer the caller still has the same token.
      if (answer === undefined) continue;
      assert.equal(answer.status ?? 200, 200, JSON.stringify(answer));
      assert.equal(answer.failed, 0);
      confirmToken = answer.confirmToken;
    }
    t.diagnostic(`${calls} calls, ${server.kills} kills`);

    const keys = new Set();
    for (let after; ; ) {
      const page = await stores.sessions.list({ filter: {}, order: "oldest", limit: 1_000, after });
      for (const { sessionId } of page.sessions) keys.add(sessionId);
      after = page.positions.at(-1);
      if (page.sessions.length < 1_000) break;
    }
    assert.deepEqual([...keys].sort(), [other, ...late].map((left) => left.sessionId).sort());
    assert.deepEqual(
      await recorded(stores.outbox),
      ending.flatMap((each) => each.clients.map((client) => nameOf(client.clientId, each))).sort(),
    );
  });
}

function nameOf(clientId, { subjectId, sessionId }) {
  return `${clientId} / ${subjectId} / ${sessionId}`;
}

/** Every notification in the outbox, settled or not. */
async function recorded(outbox) {
  const names = [];
  for (let after; ; ) {
    const page = await outbox.list({}, after, 1_000);
    for (const entry of page) names.push(nameOf(entry.clientId, entry));
    if (page.length < 1_000) return names.sort();
    after = page.at(-1)?.id;
  }
}
