// Dead origins don't block the others.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { localSender, refusingUri, relyingParty } from "../logout/support.mjs";
import { patient, provider, STORES, silentUri } from "./support.mjs";

const SUBJECTS = 8;
const ORIGINS = 6;

for (const [stores, open] of Object.entries(STORES)) {
  describe(`with half of the origins dead, over ${stores}`, () => {
    test("one pass notifies all reachable ones, and the next passes retry the others", async (t) => {
      // Only an attempt at an address without an answer times out.
      const silent = new Set();
      const impatient = localSender({ timeout: 200 });
      const { host, clock, delivery, management, register, signIn, entries, jtis, events } =
        provider({
          stores: await open(t),
          // The host's clock advances with each attempt, so nothing becomes due again within the
          // pass.
          delivery: { wait: 0, concurrency: 8, leaseFor: 3_600_000, firstRetry: 3_600_000 },
          send: (message, options) =>
            (silent.has(message.logoutUri) ? impatient : patient)(message, options),
        });
      const [live, dead] = [new Map(), new Map()];
      for (let origin = 0; origin < ORIGINS; origin += 1) {
        const party = await relyingParty(t);
        live.set(`live${origin}`, party);
        register(`live${origin}`, party.uri);
        const uri = await (origin % 2 === 0 ? silentUri(t) : refusingUri());
        if (origin % 2 === 0) silent.add(uri);
        dead.set(`dead${origin}`, uri);
        register(`dead${origin}`, uri);
      }
      for (let subject = 0; subject < SUBJECTS; subject += 1) {
        // The dead ones are first.
        await signIn(`subject${subject}`, `s${subject}`, [...dead.keys(), ...live.keys()]);
        const { notifications } = await management.removeSessions({
          subjectId: `subject${subject}`,
        });
        assert.deepEqual(notifications, {
          delivered: 0,
          pending: 2 * ORIGINS,
          failed: 0,
          skipped: 0,
        });
      }
      events.length = 0;

      const half = SUBJECTS * ORIGINS;
      assert.deepEqual(await delivery.deliverDue(), {
        delivered: half,
        failed: 0,
        rescheduled: half,
        more: false,
        pruned: 0,
        pruningFailed: false,
      });
      const subjects = Array.from({ length: SUBJECTS }, (_, subject) => `subject${subject}`);
      const states = await entries();
      for (const [clientId, party] of live) {
        const delivered = states.filter(
          (entry) => entry.clientId === clientId && entry.state === "delivered",
        );
        assert.deepEqual(delivered.map(({ subjectId }) => subjectId).sort(), subjects);
        assert.equal(party.requests.length, SUBJECTS);
      }
      for (const clientId of dead.keys()) {
        const waiting = states.filter((entry) => entry.clientId === clientId);
        assert.ok(waiting.every(({ state }) => state === "pending"));
        const tried = waiting.filter(({ attempts }) => attempts > 0);
        assert.equal(tried.length, 3, "a pass stops after three failures in a row of an origin");
        assert.ok(
          waiting.every(({ attempts, error }) => (attempts === 1) === (error !== undefined)),
        );
      }
      assert.equal(events.filter(({ type }) => type === "notification_failed").length, 3 * ORIGINS);
      assert.equal(new Set(jtis).size, half + 3 * ORIGINS);

      // The dead origins recover. The remaining notifications are each delivered once, whether they
      // were attempted or not.
      const parties = await Promise.all([...dead.keys()].map(() => relyingParty(t)));
      for (const [index, clientId] of [...dead.keys()].entries())
        register(clientId, parties[index].uri);
      clock.now += 2 * host.delivery.leaseFor;
      assert.deepEqual(await delivery.deliverDue(), {
        delivered: half,
        failed: 0,
        rescheduled: 0,
        more: false,
        pruned: 0,
        pruningFailed: false,
      });
      assert.ok(parties.every(({ requests }) => requests.length === SUBJECTS));
      assert.ok((await entries()).every(({ state }) => state === "delivered"));
    });
  });
}
