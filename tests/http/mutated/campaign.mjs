/**
 * Sends thousands of mutated requests to one server, and checks every answer.
 *
 * @module
 */

import assert from "node:assert/strict";
import { randomFrom, requestOf } from "./requests.mjs";
import { describe, sent } from "./wire.mjs";

const AT_ONCE = 8;
/** After this many requests, existing ids and tokens are queried again. */
const ROUND = 250;

/** The members of a problem. */
const MEMBERS = ["type", "title", "status", "code", "detail", "parameter", "signIn"];
/** Signs of an internal error in an answer. */
const LEAK =
  /\bat (?:async )?[\w.<>]+ \(|node_modules|node:internal|file:\/\/|\.[jt]s:\d+|wasm:|"stack"|"cause"|SQLITE_|ECONN|rollcall_sessions/;

/**
 * Sends the requests, and fails at the first invalid answer.
 *
 * @param {object} options
 * @param {string} options.origin
 * @param {string} options.path
 * @param {string} options.token
 * @param {number} options.count
 * @param {number} options.seed
 * @param {(done: number) => void | Promise<void>} [options.onRound]
 * @returns {Promise<Map<string, Map<string, number>>>} how often each operation returned each
 *   status
 */
export async function campaign({ origin, path, token, count, seed, onRound }) {
  const random = randomFrom(seed);
  const headers = [["authorization", `Bearer ${token}`]];
  const statuses = new Map();
  for (let done = 0; done < count; done += ROUND) {
    const known = await knownValues(origin + path, token);
    const requests = Array.from({ length: Math.min(ROUND, count - done) }, () =>
      requestOf(random, known, { path, headers }),
    );
    const next = requests.values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const request of next) {
          const answer = await sent(origin, request);
          check(request, answer);
          const counts = statuses.get(request.id) ?? new Map();
          const status = statusOf(answer);
          counts.set(status, (counts.get(status) ?? 0) + 1);
          statuses.set(request.id, counts);
        }
      }),
    );
    await onRound?.(done + requests.length);
  }
  return statuses;
}

/** The host's server answers requests that aren't HTTP or have no URL itself. */
function isOfTheApi({ headers }) {
  return headers["content-security-policy"] === "default-src 'none'; frame-ancestors 'none'";
}

function statusOf(answer) {
  if (answer === undefined) return "no answer";
  return isOfTheApi(answer) ? String(answer.status) : `${answer.status} by the server`;
}

function check(request, answer) {
  if (answer === undefined) {
    const isBroken = request.sending === "cut" || request.mutations.length > 0;
    assert.ok(isBroken, JSON.stringify(describe(request)));
    return;
  }
  const { status, headers, body } = answer;
  const said = () => JSON.stringify({ ...describe(request), status, answer: body.slice(0, 500) });
  // Servers don't know every method, and workerd fails at targets that aren't paths.
  const isServers = !isOfTheApi(answer) && (status === 501 || !request.target.startsWith("/"));
  assert.ok(status < 500 || isServers, said());
  if (!isOfTheApi(answer)) return;
  assert.doesNotMatch(body, LEAK, said());
  assert.equal(headers["cache-control"], "no-store", said());
  assert.equal(headers["x-content-type-options"], "nosniff", said());
  assert.equal(headers["set-cookie"], undefined, said());
  if (status === 200 || request.method === "HEAD" || body === "") return;
  assert.equal(headers["content-type"], "application/problem+json", said());
  const problem = JSON.parse(body);
  assert.deepEqual(
    Object.keys(problem).filter((name) => !MEMBERS.includes(name)),
    [],
    said(),
  );
  assert.equal(problem.status, status, said());
}

/** The ids and tokens that exist now. */
async function knownValues(base, token) {
  const ask = async (path, body) => {
    const response = await fetch(base + path, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    assert.equal(response.status, 200, path);
    return response.json();
  };
  const filter = { clientId: "down", state: "active" };
  const page = await ask("/v1/sessions?countRequested=20");
  const preview = await ask("/v1/sessions/purge", { filter });
  const { deliveries } = await ask("/v1/deliveries?limit=20");
  const ofSessions = (name) => page.results.map((session) => session[name]);
  return {
    subjectId: [...ofSessions("subjectId"), "nobody"],
    sessionId: [...ofSessions("sessionId"), "none"],
    clientId: ["shop", "web", "down"],
    resultsToken: [page.resultsToken ?? "none"],
    confirmToken: [preview.confirmToken],
    filter: [filter],
    limit: [1, 2, 10],
    id: [...deliveries.map(({ id }) => id), "none"],
  };
}

/** A table of the statuses, for the report of a test. */
export function table(statuses) {
  return [...statuses]
    .sort()
    .map(([id, counts]) => {
      const parts = [...counts].sort().map(([status, count]) => `${status}: ${count}`);
      return `${id}: ${parts.join(", ")}`;
    })
    .join("\n");
}
