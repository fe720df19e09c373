// Cases of damaged rows, on every SQL engine and with every driver. Damaged rows don't make a page
// fail, can be removed, and leave nothing behind.
import { strict as assert } from "node:assert";
import { casesOn } from "./open-case.mjs";
import { notification, session } from "./samples.mjs";
import { step } from "./steps.mjs";

/** Strings in place of a list of clients. */
const DAMAGED_CLIENTS = ["nonsense", '"web"', "[1]", "[[1]]", "[[]]", '{"a":"b"}', "null"];
/** Strings in place of attributes. */
const DAMAGED_ATTRIBUTES = ["nonsense", '{"a":', "null", ""];

const keyOf = (name) => Buffer.from(name).toString("hex").padEnd(64, "0");

/**
 * @param {() => Promise<object>} open empty stores, with `query`
 * @param {{ listsClients?: boolean }} options whether the clients are a JSON list in the row, and
 *   the listing of clients is exact
 */
export function damageCases(open, { listsClients = true } = {}) {
  const openCase = casesOn(open);
  const openThree = casesOn(async () => {
    const stores = await open();
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const clients = [{ clientId: "web" }, { clientId: `only ${name}` }];
      const members = { sessionId: name, created: 1_000 + index, attributes: { name } };
      await stores.sessions.create(session(keyOf(name), { ...members, clients }));
    }
    return stores;
  });
  const damage = ({ query }, column, value) =>
    query(`update rollcall_sessions set ${column} = '${value}' where session_id = 'b'`);
  const countListed = async ({ query }) => {
    const result = await query("select count(*) as n from rollcall_session_clients");
    return Number((result.rows ?? result)[0].n);
  };
  const read = async ({ sessions }) =>
    (await sessions.list({ filter: {}, order: "oldest", limit: 10 })).sessions;

  const ofClients = DAMAGED_CLIENTS.flatMap((value) => [
    openThree(`clients that are \`${value}\`: the row is read without them`, async (stores) => {
      await damage(stores, "clients", value);
      const rows = await read(stores);
      assert.deepEqual(
        rows.map(({ sessionId, clients }) => [sessionId, clients?.length]),
        [
          ["a", 2],
          ["b", undefined],
          ["c", 2],
        ],
      );
      assert.equal((await stores.sessions.get(keyOf("b"))).clients, undefined);
    }),
    openThree(`clients that are \`${value}\`: a removal leaves nothing`, async (stores) => {
      await damage(stores, "clients", value);
      const removed = await stores.sessions.remove([keyOf("b")]);
      assert.deepEqual(
        removed.map(({ sessionId, clients }) => [sessionId, clients]),
        [["b", []]],
      );
      assert.equal(await stores.sessions.count({ clientId: "web" }), 2);
      assert.equal(await stores.sessions.count({ clientId: "only b" }), 0);
      assert.equal(await countListed(stores), 4);
    }),
    openThree(`clients that are \`${value}\`: a step leaves nothing`, async (stores) => {
      await damage(stores, "clients", value);
      const { ended } = await stores.atomic.endSessions(step());
      assert.deepEqual([ended, await countListed(stores)], [3, 0]);
    }),
  ]);

  const ofAttributes = DAMAGED_ATTRIBUTES.map((value) =>
    openThree(`attributes that are \`${value}\` fail no page`, async (stores) => {
      await damage(stores, "attributes", value);
      const rows = await read(stores);
      assert.deepEqual(
        rows.map(({ attributes }) => attributes),
        [{ name: "a" }, value, { name: "c" }],
      );
      assert.equal((await stores.sessions.get(keyOf("b"))).attributes, value);
      const removed = await stores.sessions.remove([keyOf("b")]);
      assert.deepEqual(removed[0].clients, [{ clientId: "web" }, { clientId: "only b" }]);
    }),
  );

  return [
    ...(listsClients ? ofClients : []),
    ...ofAttributes,
    openCase("an entry of a kind of a later version is not claimed", async (stores) => {
      const { outbox, query } = stores;
      await outbox.add([notification("n1"), notification("n2"), notification("n3")]);
      await query("update rollcall_outbox set kind = 'pigeon' where id = 'n2'");
      const before = await outbox.list({});
      const claimed = await outbox.claim({ now: 2_000_000_000_000, limit: 10, leaseFor: 1_000 });
      assert.deepEqual(claimed.map(({ id }) => id).sort(), ["n1", "n3"]);
      assert.deepEqual((await outbox.list({}))[1], before[1]);
    }),
  ];
}
