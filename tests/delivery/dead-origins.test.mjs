// Origins that are dead hold up none that live.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { localSender, refusingUri, relyingParty } from "../logout/support.mjs";
import { patient, provider, STORES, silentUri } from "./support.mjs";

const SUBJECTS = 8;
const ORIGINS = 6;

for (const [stores, open] of Object.entries(STORES)) {
  describe(`with half of the origins dead, over ${stores}`, () => {
    test("one pass tells all of those that live, and the next ones try the others again", async (t) => {
      // Only where nobody answers is the time ever up.
      const silent = new Set();
      const impatient = localSender({ timeout: 200 });
      const { host, clock, delivery, management, register, signIn, entries, jtis, events } =
        provider({
          stores: await open(t),
          // The host's clock runs with each attempt: nothing becomes due again within the pass.
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
        // The dead ones come first.
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
        const told = states.filter(
          (entry) => entry.clientId === clientId && entry.state === "delivered",
        );
        assert.deepEqual(told.map(({ subjectId }) => subjectId).sort(), subjects);
        assert.equal(party.requests.length, SUBJECTS);
      }
      for (const clientId of dead.keys()) {
        const waiting = states.filter((entry) => entry.clientId === clientId);
        assert.ok(waiting.every(({ state }) => state === "pending"));
        const tried = waiting.filter(({ attempts }) => attempts > 0);
        assert.equal(tried.length, 3, "an origin that fails three times in a row is left alone");
        assert.ok(
          waiting.every(({ attempts, error }) => (attempts === 1) === (error !== undefined)),
        );
      }
      assert.equal(events.filter(({ type }) => type === "notification_failed").length, 3 * ORIGINS);
      assert.equal(new Set(jtis).size, half + 3 * ORIGINS);

      // They come back: what was tried and what was not is told, each once.
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
