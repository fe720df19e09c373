// The package in a Worker. `workerd test` calls `test()`. Each `fetch()` is a separate request.
import * as rollcall from "rollcall";
import * as http from "rollcall/http";
import * as memory from "rollcall/memory";
import { assert, runSuite } from "./suite.mjs";

const REQUESTS = 200;

const { sessions, ...others } = memory.memoryStores();
const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

/**
 * Stores that answer after a timer of the request that called them, so an answer never comes from
 * another request.
 */
const slowSessions = new Proxy(sessions, {
  get(target, name) {
    const member = target[name];
    return typeof member === "function"
      ? (...args) => pause().then(() => member.apply(target, args))
      : member;
  },
});
const host = { ...others, sessions: slowSessions };

/** Shared by all requests, as a Worker's module scope is. */
const management = new rollcall.SessionManagement(host);
const tickets = new rollcall.TicketStore(host, {
  keys: { current: "one", keys: { one: "A".repeat(43) } },
});

/** Signs a subject in, finds the session and removes it. */
async function visit(subjectId) {
  const cookie = await tickets.store({ subjectId, ticket: { subjectId } });
  const session = await tickets.retrieve(cookie);
  const { totalCount } = await management.querySessions({ subjectId });
  const { sessionsRemoved } = await management.removeSessions({ subjectId });
  return { ticket: session.ticket.subjectId, totalCount, sessionsRemoved };
}

const manyRequests = (self) => ({
  name: `${REQUESTS} concurrent requests share one service, and none waits for another`,
  async run() {
    const subjects = Array.from({ length: REQUESTS }, (_, index) => `subject-${index}`);
    const responses = await Promise.all(
      subjects.map((subject) => self.fetch(`http://self/${subject}`)),
    );
    const visits = await Promise.all(responses.map((response) => response.json()));
    assert.deepEqual(
      visits,
      subjects.map((ticket) => ({ ticket, totalCount: 1, sessionsRemoved: 1 })),
    );
  },
});

export default {
  async fetch(request) {
    return Response.json(await visit(new URL(request.url).pathname.slice(1)));
  },

  async test(_controller, { self }) {
    console.log(JSON.stringify(await runSuite(rollcall, memory, http, [manyRequests(self)])));
  },
};
