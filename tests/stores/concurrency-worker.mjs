// One of several processes that work on the same file. It migrates, signs in, renews, adds clients,
// removes and claims, all concurrently. Usage: node concurrency-worker.mjs ENGINE FILE NAME. Prints
// its results as JSON.
import { migrate } from "../../pkg/sql.js";
import { engine } from "./engines.mjs";
import { namedStores } from "./names.mjs";
import { fullSession, session } from "./samples.mjs";
import { notices, notified, step } from "./steps.mjs";
import { OPTIONS } from "./support.mjs";

const ROUNDS = 40;

const [engineName, file, name] = process.argv.slice(2);
const { open } = await engine(engineName);
const { kysely } = open(file);
await migrate(kysely, OPTIONS);
const { sessions, atomic, outbox } = namedStores(kysely, OPTIONS);
const done = { clients: [], removed: [], recorded: [], claimed: [] };

// The first process creates it.
await sessions.create(session("shared")).catch((error) => {
  if (error.code !== "store_failed") throw error;
});

async function round(n) {
  const client = `${name} ${n}`;
  await sessions.create(fullSession(client));
  if (await sessions.addClient("shared", { clientId: client }, 2_000)) done.clients.push(client);
  await sessions.update("shared", { renewed: n });
  // All processes end the same sessions.
  const { sessions: ended, notifications } = await atomic.endSessions(
    step({
      keys: ["p", "q", "r"].map((process) => `${process} ${n}`),
      revoke: { matching: [{ subjectId: client }] },
      notify: notices({ clients: [notified("forum", "session")], others: false, created: 1_000 }),
    }),
  );
  done.removed.push(...ended.map(({ sessionId }) => sessionId));
  done.recorded.push(...notifications.map(({ id }) => id));
  const claimed = await outbox.claim({ now: 2_000, limit: 5, leaseFor: 1_000_000 });
  done.claimed.push(...claimed.map(({ id }) => id));
  await sessions.list({ filter: {}, order: "newest", limit: 10 });
}

await Promise.all(Array.from({ length: ROUNDS }, (_, n) => round(n)));
await kysely.destroy();
process.stdout.write(JSON.stringify(done));
