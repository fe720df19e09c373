/** What an admin API needs besides queries and removals, on every host. */

import { timedHost } from "./host.mjs";

export function adminCases(lib, assert) {
  return [
    {
      name: "the outbox is listed page by page",
      async run() {
        const timed = timedHost(lib);
        const clients = Array.from({ length: 205 }, (_, number) => `client${number}`);
        await timed.signIn("alice", "s1", clients);
        await timed.signIn("bob", "s2", ["web"]);
        const removing = new lib.SessionManagement({ ...timed.members, delivery: { wait: 0 } });
        for (const subjectId of ["alice", "bob"]) await removing.removeSessions({ subjectId });
        const { list } = timed.members.outbox;
        const limits = [];
        const outbox = {
          ...timed.members.outbox,
          list: (filter, after, limit) => {
            limits.push(limit);
            return list(filter, after, limit);
          },
        };
        const delivery = new lib.LogoutDelivery({ ...timed.members, outbox });
        const listed = [];
        for await (const entry of delivery.list()) listed.push(entry);
        assert.equal(listed.length, 206);
        assert.deepEqual(limits.splice(0), [101, 101, 101]);
        const paged = [];
        let after;
        do {
          const page = await delivery.page({}, { limit: 103, after });
          paged.push(...page.deliveries);
          assert.equal(page.deliveries.length, 103);
          assert.equal("after" in page, paged.length < 206, "nothing is behind the last page");
          after = page.after;
        } while (after !== undefined);
        assert.deepEqual(paged, listed);
        assert.deepEqual(limits, [104, 104]);
        const ofBob = await delivery.page({ subjectId: "bob", state: "pending" });
        assert.deepEqual(
          [ofBob.deliveries.map(({ clientId }) => clientId), "after" in ofBob],
          [["web"], false],
        );
        assert.deepEqual(await delivery.page({ clientId: "" }), { deliveries: [] });
        const [{ id }] = ofBob.deliveries;
        assert.deepEqual(await delivery.page({ subjectId: "bob" }, { after: id }), {
          deliveries: [],
        });
        assert.equal((await delivery.page(undefined, { limit: 1_000 })).deliveries.length, 206);
      },
    },
  ];
}
