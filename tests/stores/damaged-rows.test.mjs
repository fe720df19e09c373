// Rows that this version of the package can't read stop nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LogoutDelivery, SessionCoordination, SessionManagement } from "../../pkg/entry/node.js";
import { engine } from "./engines.mjs";
import { notification, session } from "./samples.mjs";
import { openUnnamed } from "./support.mjs";

const clients = (clientId) => ({
  clientId,
  backChannelLogoutUri: `https://${clientId}.example/logout`,
});

const keyOf = (name) => Buffer.from(name).toString("hex").padEnd(64, "0");

async function hostOn(t) {
  const { sessions, outbox, grants, atomic, query } = await openUnnamed(t, await engine("libsql"));
  const told = [];
  const events = [];
  const sendLogout = ({ sessionId }) => {
    told.push(sessionId);
    return { delivered: true };
  };
  const onEvent = (event) => events.push(event);
  const host = { sessions, outbox, grants, atomic, clients, sendLogout, onEvent };
  return { host, query, told, events };
}

for (const damaged of ["nonsense", '"web"', "[1]", "[[1]]", '{"a":"b"}', "null"]) {
  test(`a session whose clients are \`${damaged}\` stops no pass and no removal`, async (t) => {
    const { host, query, told, events } = await hostOn(t);
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const members = { subjectId: "alice", sessionId: name, expires: 10 + index };
      await host.sessions.create(
        session(keyOf(name), { ...members, clients: [{ clientId: "web" }] }),
      );
    }
    const damage = "update rollcall_sessions set clients = ? where session_id = ?";
    await query(damage, [damaged, "b"]);
    const settings = { expiredSessionsTriggerBackchannelLogout: true };
    const pass = await new SessionCoordination(host, settings).removeExpiredSessions();
    assert.deepEqual(pass, {
      processed: 2,
      more: false,
      failed: 1,
      grantsRemoved: 0,
      devicesForgotten: 0,
      pruningFailed: false,
    });
    const failed = events.filter(({ type }) => type === "session_removal_failed");
    assert.deepEqual(
      failed.map(({ sessionId, code }) => [sessionId, code]),
      [["b", "store_failed"]],
    );
    const report = await new SessionManagement(host).removeSessions({ subjectId: "alice" });
    assert.equal(report.sessionsRemoved, 1);
    assert.deepEqual(report.notes, [
      "clients were not notified of some sessions, which the store could not read",
    ]);
    assert.deepEqual(told.sort(), ["a", "c"]);
  });
}

test("an entry of a kind that a later version recorded is left to that version", async (t) => {
  const { host, query, told } = await hostOn(t);
  await host.outbox.add([
    notification("n1", { sessionId: "later" }),
    notification("n2", { sessionId: "now" }),
  ]);
  await query("update rollcall_outbox set kind = 'pigeon' where id = 'n1'");
  const [before] = await host.outbox.list({});
  const pass = await new LogoutDelivery(host).deliverDue();
  assert.deepEqual(pass, {
    delivered: 1,
    failed: 0,
    rescheduled: 0,
    more: false,
    pruned: 0,
    pruningFailed: false,
  });
  assert.deepEqual(told, ["now"]);
  assert.deepEqual((await host.outbox.list({}))[0], before);
});
