// Services and runners end with `using` and `await using`.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { promisify } from "node:util";
import { LogoutDelivery, SessionCoordination, SessionManagement, TicketStore } from "rollcall";
import { memoryStores } from "rollcall/memory";

const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
const host = () => ({
  ...memoryStores(),
  clients: () => undefined,
  sendLogout: () => ({ delivered: true }),
});

const SERVICES = {
  SessionManagement: [() => new SessionManagement(host()), (service) => service.querySessions()],
  TicketStore: [
    () => new TicketStore(host(), { keys }),
    (service) => service.store({ subjectId: "alice" }),
  ],
  SessionCoordination: [
    () => new SessionCoordination(host()),
    (service) => service.removeExpiredSessions(),
  ],
  LogoutDelivery: [() => new LogoutDelivery(host()), (service) => service.deliverDue()],
};

for (const [name, [create, call]] of Object.entries(SERVICES)) {
  test(`${name} completes the running call, rejects later ones, and is disposed of once`, async () => {
    const service = create();
    const running = call(service);
    service[Symbol.dispose]();
    service[Symbol.dispose]();
    await running;
    await assert.rejects(async () => call(service), {
      name: "RollcallError",
      code: "invalid_argument",
      message: "the service was disposed: create another one",
    });
  });
}

test("the synchronous methods of a disposed service throw", () => {
  const management = new SessionManagement(host());
  management[Symbol.dispose]();
  const denial = { actor: "carol", permission: "remove", route: "DELETE /v1/sessions" };
  for (const call of [() => management.capabilities(), () => management.reportDenied(denial)])
    assert.throws(call, { code: "invalid_argument" });
});

test("the disposal of a runner ends its passes", async (t) => {
  const passing = new EventEmitter();
  let passes = 0;
  const { sessions, ...stores } = host();
  const counted = {
    ...stores,
    sessions: {
      ...sessions,
      list: (...args) => {
        passes += 1;
        passing.emit("pass");
        return sessions.list(...args);
      },
    },
  };
  // The timers of runners don't keep the process running.
  const timer = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(timer));
  const runner = new SessionCoordination(counted).start({ interval: 0 });
  await once(passing, "pass");
  await runner[Symbol.asyncDispose]();
  const passesAtEnd = passes;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(passes, passesAtEnd);
});

// As in browsers before 2025.
test("hosts without `Symbol.dispose` load the package, which doesn't define it", async () => {
  const program = `
    const own = Symbol;
    globalThis.Symbol = (name) => own(name);
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(own)))
      if (!/dispose$/i.test(name)) Object.defineProperty(Symbol, name, member);
    const { SessionCoordination, SessionManagement } = await import("rollcall");
    const { memoryStores } = await import("rollcall/memory");
    const { totalCount } = await new SessionManagement(memoryStores()).querySessions();
    const runner = new SessionCoordination(memoryStores()).start();
    await runner.stop();
    const names = (value) => Object.getOwnPropertyNames(value);
    console.log(JSON.stringify([
      totalCount,
      names(Symbol).some((name) => /dispose$/i.test(name)),
      [runner, SessionManagement.prototype].some((value) => names(value).includes("undefined")),
    ]));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    program,
  ]);
  assert.deepEqual(JSON.parse(stdout), [0, false, false]);
});
