import { adminCases } from "./admin.mjs";
import { argumentCases } from "./arguments.mjs";
import { coordinationCases } from "./coordination.mjs";
import { deliveryCases } from "./delivery.mjs";
import { host, injected, KEYS, rowsOf, signInBob } from "./host.mjs";
import { httpCases } from "./http.mjs";
import { purgeCases } from "./purge.mjs";

/**
 * The behaviour of the package, the same on every host. Every host runs these cases.
 *
 * @param lib the package's main entry, as imported on the host, with `memoryStores`, and the entry
 *   `rollcall/http` as `http`
 * @param assert `ok`, `equal`, `deepEqual`, `match`, `throws` and `rejects`, as in
 *   `node:assert/strict`
 * @returns {{ name: string, run: () => void | Promise<void> }[]}
 */
export function suite(lib, assert) {
  const parts = [
    packageCases,
    managementCases,
    ticketCases,
    deliveryCases,
    coordinationCases,
    purgeCases,
    adminCases,
    argumentCases,
    httpCases,
  ];
  return parts.flatMap((cases) => cases(lib, assert));
}

function packageCases(lib, assert) {
  return [
    {
      name: "the core returns its version",
      run() {
        assert.match(lib.coreVersion(), /^\d+\.\d+\.\d+/);
      },
    },
    {
      name: "the error class is an Error with a code and the unchanged cause",
      run() {
        const cause = { anything: true };
        const error = new lib.RollcallError("store_failed", "the store failed", cause);
        assert.ok(error instanceof Error);
        assert.equal(error.name, "RollcallError");
        assert.equal(error.code, "store_failed");
        assert.equal(error.cause, cause);
      },
    },
    {
      name: "strings are folded by Unicode lowercase",
      run() {
        assert.equal(lib.foldText("ÄRGER Straße ΣΑΣ"), "ärger straße σασ");
      },
    },
  ];
}

function managementCases(lib, assert) {
  return [
    {
      name: "the example: a query, the next page, the prior page, a removal, and only refresh tokens",
      async run() {
        const members = host(lib);
        await signInBob(lib, members, 12);
        const grant = { subjectId: "12345", clientId: "web", created: new Date(), data: "" };
        for (const type of ["refresh_token", "user_consent"]) {
          await members.grants.store({ ...grant, key: type, type });
        }
        const management = new lib.SessionManagement(injected(members));

        const query = { countRequested: 10, subjectId: "12345", displayName: "Bob" };
        const first = await management.querySessions(query);
        assert.equal(first.results.length, 10);
        assert.deepEqual([first.totalCount, first.totalPages, first.currentPage], [12, 2, 1]);
        assert.deepEqual([first.hasPrevResults, first.hasNextResults], [false, true]);

        const next = await management.querySessions({ ...query, resultsToken: first.resultsToken });
        assert.deepEqual(
          next.results.map((session) => session.displayName),
          ["Bob 2", "Bob 1"],
        );
        assert.deepEqual(
          [next.hasPrevResults, next.hasNextResults, next.currentPage],
          [true, false, 2],
        );

        const back = { ...query, resultsToken: next.resultsToken, requestPriorResults: true };
        assert.deepEqual((await management.querySessions(back)).results, first.results);

        const onlyTokens = {
          subjectId: "12345",
          removeServerSideSession: false,
          sendBackchannelLogoutNotification: false,
          revokeConsents: false,
        };
        const tokens = await management.removeSessions(onlyTokens);
        assert.deepEqual(
          [tokens.sessionsRemoved, tokens.tokensRevoked, tokens.consentsRevoked],
          [0, 1, 0],
        );

        const report = await management.removeSessions({ subjectId: "12345" });
        assert.deepEqual(
          [report.sessionsRemoved, report.tokensRevoked, report.consentsRevoked],
          [12, 0, 1],
        );
        assert.deepEqual(report.notifications, {
          delivered: 12,
          pending: 0,
          failed: 0,
          skipped: 0,
        });
        assert.equal((await management.querySessions(query)).totalCount, 0);
      },
    },
    {
      name: "a session is shown without its key, with dates",
      async run() {
        const members = host(lib);
        const [key] = await signInBob(lib, members, 1);
        const management = new lib.SessionManagement(injected(members), { keys: KEYS });
        const { results, resultsToken } = await management.querySessions({ includeTicket: true });
        const [session] = results;
        assert.deepEqual(Object.keys(session).sort(), [
          "authenticationTicket",
          "clientIds",
          "created",
          "displayName",
          "renewed",
          "sessionId",
          "subjectId",
        ]);
        assert.ok(session.created instanceof Date);
        assert.deepEqual(session.authenticationTicket, { number: 1 });
        assert.ok(!`${JSON.stringify(results)}${resultsToken}`.includes(key));
      },
    },
    {
      name: "iteration returns every session once",
      async run() {
        const members = host(lib);
        await signInBob(lib, members, 7);
        const management = new lib.SessionManagement(injected(members));
        const names = [];
        for await (const session of management.sessions({ countRequested: 3, order: "oldest" })) {
          names.push(session.displayName);
        }
        assert.deepEqual(names, ["Bob 1", "Bob 2", "Bob 3", "Bob 4", "Bob 5", "Bob 6", "Bob 7"]);
      },
    },
    {
      name: "a message to a client has the claims of a logout token",
      async run() {
        const members = host(lib);
        await signInBob(lib, members, 1);
        const management = new lib.SessionManagement({
          ...injected(members),
          now: () => 1_750_000_000_999,
        });
        const { results } = await management.querySessions();
        await management.removeSessions({ sessionId: results[0].sessionId });
        const [message] = members.sent;
        const { jti, ...claims } = message.claims;
        assert.match(jti, /^[0-9a-f]{32}$/);
        assert.deepEqual(claims, {
          aud: "web",
          iat: 1_749_999_995,
          exp: 1_750_000_115,
          events: { "http://schemas.openid.net/event/backchannel-logout": {} },
          sub: "12345",
          sid: results[0].sessionId,
          logout_reason: "terminated",
        });
        assert.equal(message.client.backChannelLogoutUri, "https://web.example/logout");
      },
    },
    {
      name: "a dry run changes nothing",
      async run() {
        const members = host(lib);
        await signInBob(lib, members, 3);
        const management = new lib.SessionManagement(injected(members));
        const report = await management.removeSessions({ subjectId: "12345", dryRun: true });
        assert.deepEqual(
          [report.sessionsRemoved, report.notifications.pending, report.dryRun],
          [3, 3, true],
        );
        assert.equal((await management.querySessions()).totalCount, 3);
        assert.equal(members.sent.length, 0);
      },
    },
    {
      name: "wrong arguments are refused with a code and change nothing",
      async run() {
        const members = host(lib);
        await signInBob(lib, members, 1);
        const management = new lib.SessionManagement(injected(members));
        const refused = async (promise, code) => {
          await assert.rejects(promise, { name: "RollcallError", code });
        };
        await refused(management.removeSessions({}), "empty_target");
        await refused(management.removeSessions({ subjectId: " " }), "invalid_argument");
        await refused(
          management.removeSessions({ subjectId: "12345", sessionId: "" }),
          "invalid_argument",
        );
        await refused(
          management.removeSessions({ subjectId: "12345", clientIds: [] }),
          "invalid_argument",
        );
        await refused(
          management.removeSessions({ subjectId: "12345", dryrun: true }),
          "invalid_argument",
        );
        await refused(management.removeSessions({ subjectId: 12345 }), "invalid_argument");
        await refused(management.removeSessions({ subjectId: "\ud800" }), "invalid_argument");
        await refused(management.removeSessions("12345"), "invalid_argument");
        await refused(management.querySessions({ countRequested: -1 }), "invalid_argument");
        await refused(management.querySessions({ subject: "12345" }), "invalid_argument");
        await refused(
          management.querySessions({ displayName: { like: "B%" } }),
          "invalid_argument",
        );
        await refused(
          management.querySessions({ displayName: { equals: "a", contains: "b" } }),
          "invalid_argument",
        );
        await refused(
          management.querySessions({ created: { after: "yesterday" } }),
          "invalid_argument",
        );
        await refused(management.querySessions({ created: { since: 0 } }), "invalid_argument");
        await refused(management.querySessions({ requestPriorResults: true }), "invalid_argument");
        await refused(management.querySessions({ resultsToken: "AAAA" }), "invalid_results_token");
        await refused(management.querySessions({ includeTicket: true }), "not_configured");
        await refused(
          management.querySessions({}, { sinal: AbortSignal.abort() }),
          "invalid_argument",
        );
        const { resultsToken } = await management.querySessions();
        await refused(
          management.querySessions({ order: "oldest", resultsToken }),
          "results_token_mismatch",
        );
        assert.equal((await management.querySessions()).totalCount, 1);
      },
    },
    {
      name: "a list of issuers matches any of them, in a query and in a purge",
      async run() {
        const events = [];
        const onEvent = ({ type, issuer }) => events.push(`${type} ${issuer}`);
        const members = { ...injected(host(lib)), onEvent };
        const tickets = new lib.TicketStore(members, { keys: KEYS });
        for (const issuer of ["https://a.example", "https://b.example", "https://c.example"]) {
          await tickets.store({ subjectId: "12345", issuer, ticket: {} });
        }
        await tickets.store({ subjectId: "12345", ticket: {} });
        const management = new lib.SessionManagement(members);
        const issuer = ["https://c.example", "https://a.example"];
        const { results, totalCount } = await management.querySessions({ issuer, order: "oldest" });
        assert.equal(totalCount, 2);
        assert.deepEqual(
          results.map((session) => session.issuer),
          ["https://a.example", "https://c.example"],
        );
        for (const wrong of [[], [" "], ["a", 5], new Array(101).fill("a"), { equals: "a" }]) {
          await assert.rejects(management.querySessions({ issuer: wrong }), {
            code: "invalid_argument",
          });
        }
        events.length = 0;
        const filter = { issuer };
        const { count, confirmToken } = await management.purgeSessions({ filter });
        assert.equal(count, 2);
        const others = { issuer: [...issuer, "https://b.example"] };
        await assert.rejects(management.purgeSessions({ filter: others, confirmToken }), {
          code: "confirm_token_stale",
        });
        const { sessionsRemoved } = await management.purgeSessions({ filter, confirmToken });
        assert.equal(sessionsRemoved, 2);
        assert.deepEqual(events, [
          "session_removed https://a.example",
          "session_removed https://c.example",
        ]);
        assert.equal((await management.querySessions()).totalCount, 2);
      },
    },
    {
      name: "times can be dates, RFC 3339 strings or epoch milliseconds",
      async run() {
        const members = host(lib);
        await signInBob(lib, members, 1);
        const management = new lib.SessionManagement(injected(members));
        for (const after of [
          new Date(0),
          "1970-01-01",
          "1970-01-01T00:00:00Z",
          "1970-01-01T01:00:00.000+01:00",
          0,
        ]) {
          assert.equal((await management.querySessions({ created: { after } })).totalCount, 1);
          assert.equal(
            (await management.querySessions({ created: { before: after } })).totalCount,
            0,
          );
        }
      },
    },
    {
      name: "an aborted signal ends a call",
      async run() {
        const management = new lib.SessionManagement(injected(host(lib)));
        const signal = AbortSignal.abort(new Error("enough"));
        await assert.rejects(management.querySessions({}, { signal }), { code: "aborted" });
        await assert.rejects(management.removeSessions({ subjectId: "1" }, { signal }), {
          code: "aborted",
        });
      },
    },
  ];
}

function ticketCases(lib, assert) {
  return [
    {
      name: "a sign-in is retrieved with its ticket until it is removed",
      async run() {
        const members = host(lib);
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        const ticket = { claims: [1, "zwei", null, { three: true }] };
        const cookie = await tickets.store({
          subjectId: "alice",
          ticket,
          attributes: { device: "phone" },
        });
        assert.match(cookie, /^[0-9a-f]{64}$/);
        const found = await tickets.retrieve(cookie);
        assert.ok(!("key" in found));
        assert.deepEqual(
          [found.subjectId, found.ticket, found.attributes],
          ["alice", ticket, { device: "phone" }],
        );
        assert.equal(
          await tickets.addClient(cookie, { clientId: "web", sessionId: "its sid" }),
          true,
        );
        assert.deepEqual((await tickets.retrieve(cookie)).clients, [
          { clientId: "web", sessionId: "its sid" },
        ]);
        assert.equal(await tickets.remove(cookie), true);
        assert.equal(await tickets.retrieve(cookie), undefined);
        assert.equal(await tickets.renew(cookie, {}), undefined);
        assert.equal(await tickets.remove(cookie), false);
        assert.deepEqual(members.events, ["session_created", "session_removed"]);
      },
    },
    {
      name: "every JSON value can be a ticket, and a session can have none",
      async run() {
        const tickets = new lib.TicketStore(injected(host(lib)), { keys: KEYS });
        for (const ticket of [null, 0, "", false, [], {}, "x".repeat(100_000)]) {
          const found = await tickets.retrieve(await tickets.store({ subjectId: "alice", ticket }));
          assert.deepEqual(found.ticket, ticket);
        }
        assert.ok(
          !("ticket" in (await tickets.retrieve(await tickets.store({ subjectId: "alice" })))),
        );
        for (const ticket of [() => {}, 1n]) {
          await assert.rejects(tickets.store({ subjectId: "alice", ticket }), {
            code: "invalid_argument",
          });
        }
      },
    },
    {
      name: "a ticket that another host sealed can be opened",
      async run() {
        const members = host(lib);
        await members.sessions.create({
          key: "84126d0dd850199be29021aadbaee68cb9199047b1cb7ec9894ddb1e3562783c",
          scheme: "default",
          subjectId: "alice",
          sessionId: "s1",
          created: 1,
          renewed: 1,
          clients: [],
          ticket: "1.new.rBkpvV1ZNGlsaK7TpMeyXbMLTdoqvtUQCNzjkurW0SKkyIpBt0Oo0FPyH-U5FUmmonI",
        });
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        const found = await tickets.retrieve("5".repeat(64));
        assert.deepEqual(found.ticket, { name: "Älice 😀" });
      },
    },
    {
      name: "the core's memory can grow while `toJSON` of a ticket runs",
      async run() {
        const members = host(lib);
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        const management = new lib.SessionManagement(injected(members));
        let other;
        const ticket = {
          toJSON() {
            other = management.querySessions({ search: "x".repeat(2 ** 23) });
            return "hers";
          },
        };
        const cookie = await tickets.store({ subjectId: "alice", ticket });
        assert.deepEqual((await other).results, []);
        assert.equal((await tickets.retrieve(cookie)).ticket, "hers");
      },
    },
    {
      name: "a ticket opens with an old key, but not with a removed one or after a change",
      async run() {
        const members = host(lib);
        const old = new lib.TicketStore(injected(members), {
          keys: { current: "old", keys: { old: KEYS.keys.old } },
        });
        const cookie = await old.store({ subjectId: "alice", ticket: "hers" });
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        assert.equal((await tickets.retrieve(cookie)).ticket, "hers");
        const without = new lib.TicketStore(injected(members), {
          keys: { current: "new", keys: { new: KEYS.keys.new } },
        });
        assert.equal(await without.retrieve(cookie), undefined);
        const [{ key, ticket }] = await rowsOf(members);
        const [version, keyId, body] = ticket.split(".");
        const changed = body.startsWith("A") ? `B${body.slice(1)}` : `A${body.slice(1)}`;
        await members.sessions.update(key, { ticket: [version, keyId, changed].join(".") });
        assert.equal(await tickets.retrieve(cookie), undefined);
        assert.deepEqual(members.events, [
          "session_created",
          "ticket_unreadable",
          "ticket_unreadable",
        ]);
        const { results } = await new lib.SessionManagement(injected(members), {
          keys: KEYS,
        }).querySessions({
          includeTicket: true,
        });
        assert.deepEqual([results.length, "authenticationTicket" in results[0]], [1, false]);
      },
    },
    {
      name: "the cookie value is never stored, and the key of its row is not a cookie value",
      async run() {
        const members = host(lib);
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        const cookie = await tickets.store({ subjectId: "alice", ticket: "hers" });
        const rows = await rowsOf(members);
        const bytes = Uint8Array.from(cookie.match(/../g), (digits) => Number.parseInt(digits, 16));
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
        const key = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
        assert.deepEqual([rows.length, rows[0].key], [1, key]);
        assert.ok(!JSON.stringify(rows).includes(cookie));
        assert.equal(await tickets.retrieve(key), undefined);
        const management = new lib.SessionManagement(injected(members), { keys: KEYS });
        const { results } = await management.querySessions({ includeTicket: true });
        assert.equal(results[0].authenticationTicket, "hers");
      },
    },
    {
      name: "only a cookie value signs in, and other strings reach no store",
      async run() {
        const members = host(lib);
        const asked = [];
        const sessions = { ...members.sessions };
        for (const name of ["get", "update", "addClient", "remove"]) {
          sessions[name] = (...given) => {
            asked.push(name);
            return members.sessions[name](...given);
          };
        }
        const tickets = new lib.TicketStore({ ...injected(members), sessions }, { keys: KEYS });
        const cookie = await tickets.store({ subjectId: "alice" });
        const others = [
          ...[undefined, null, "", 0, 5n, true, {}, [], [cookie], () => cookie],
          ...[cookie.slice(1), `${cookie}0`, cookie.replace(/^./, "A"), cookie.replace(/^./, "g")],
          ...[` ${cookie}`, `${cookie} `, `${cookie}\n`, cookie.replace(/.$/, "\0")],
          ...[cookie.replace(/.$/, "\ud800"), cookie.replace(/.$/, "٣"), "\\') or 1=1 -- "],
        ];
        for (const other of others) {
          assert.equal(await tickets.retrieve(other), undefined);
          assert.equal(await tickets.renew(other, {}), undefined);
          assert.equal(await tickets.renew(other, { subjectId: "bob" }), undefined);
          assert.equal(await tickets.rotate(other), undefined);
          assert.equal(await tickets.addClient(other, "web"), false);
          assert.equal(await tickets.remove(other), false);
        }
        assert.deepEqual(asked, []);
        assert.equal((await tickets.retrieve(cookie)).subjectId, "alice");
      },
    },
    {
      name: "a different row than the requested one signs no user in",
      async run() {
        const members = host(lib);
        const sessions = { ...members.sessions };
        const tickets = new lib.TicketStore({ ...injected(members), sessions }, { keys: KEYS });
        const cookie = await tickets.store({ subjectId: "alice" });
        const [row] = await rowsOf(members);
        for (const key of [row.key.toUpperCase(), ` ${row.key}`, `${row.key} `, "%", ""]) {
          sessions.get = () => ({ ...row, key });
          const mistaken = new lib.TicketStore({ ...injected(members), sessions }, { keys: KEYS });
          assert.equal(await mistaken.retrieve(cookie), undefined);
          assert.equal(await mistaken.renew(cookie, {}), undefined);
          assert.equal(await mistaken.rotate(cookie), undefined);
        }
        assert.deepEqual(await rowsOf(members), [row]);
      },
    },
    {
      name: "a rotation replaces the cookie value and keeps the session",
      async run() {
        const members = host(lib);
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        const ticket = { name: "Älice 😀" };
        const former = await tickets.store({ subjectId: "alice", clients: ["web"], ticket });
        const before = await tickets.retrieve(former);
        const cookie = await tickets.rotate(former);
        assert.match(cookie, /^[0-9a-f]{64}$/);
        assert.notEqual(cookie, former);
        assert.equal(await tickets.retrieve(former), undefined);
        assert.equal(await tickets.addClient(former, "app"), false);
        assert.equal(await tickets.rotate(former), undefined);
        assert.equal(await tickets.remove(former), false);
        assert.deepEqual(await tickets.retrieve(cookie), before);
        assert.equal((await rowsOf(members)).length, 1);
        assert.deepEqual(members.events, ["session_created"]);
        assert.equal(await tickets.remove(cookie), true);
      },
    },
    {
      name: "a renewal changes and clears members, and ends a session of another subject",
      async run() {
        const members = host(lib);
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        const expires = new Date(Date.now() + 60_000);
        const cookie = await tickets.store({
          subjectId: "alice",
          displayName: "Alice",
          expires,
          clients: ["web"],
        });
        assert.equal((await tickets.retrieve(cookie)).expires, expires.getTime());
        assert.equal(
          await tickets.renew(cookie, { displayName: null, expires: null, ticket: 1 }),
          cookie,
        );
        const renewed = await tickets.retrieve(cookie);
        assert.deepEqual(
          ["displayName" in renewed, "expires" in renewed, renewed.ticket],
          [false, false, 1],
        );
        const another = await tickets.renew(cookie, { subjectId: "bob", ticket: 2 });
        assert.notEqual(another, cookie);
        assert.equal(await tickets.retrieve(cookie), undefined);
        const bob = await tickets.retrieve(another);
        assert.deepEqual([bob.subjectId, bob.ticket, bob.clients], ["bob", 2, []]);
        assert.equal(members.sent.length, 0, "the renewal waited for relying parties");
        assert.equal((await new lib.LogoutDelivery(injected(members)).deliverDue()).delivered, 1);
        assert.equal(members.sent.length, 1);
      },
    },
    {
      name: "without an outbox, a renewal as another subject notifies before it returns",
      async run() {
        const { outbox: _outbox, atomic: _atomic, ...members } = host(lib);
        const tickets = new lib.TicketStore(injected(members), { keys: KEYS });
        const cookie = await tickets.store({ subjectId: "alice", clients: ["web"] });
        await tickets.renew(cookie, { subjectId: "bob" });
        assert.deepEqual(
          members.sent.map(({ clientId, subjectId }) => [clientId, subjectId]),
          [["web", "alice"]],
        );
      },
    },
    {
      name: "wrong keys and sign-ins are refused",
      async run() {
        const members = injected(host(lib));
        for (const keys of [
          undefined,
          {},
          { current: "a", keys: {} },
          { current: "a", keys: { a: "short" } },
          { current: "a", keys: { a: new Uint8Array(31) } },
          { current: "b", keys: { a: new Uint8Array(32) } },
          { current: "a.b", keys: { "a.b": new Uint8Array(32) } },
        ]) {
          assert.throws(() => new lib.TicketStore(members, { keys }), { code: "invalid_argument" });
        }
        const tickets = new lib.TicketStore(members, { keys: KEYS });
        for (const session of [
          {},
          { subjectId: "" },
          { subjectId: "alice", sessionId: " " },
          { subjectId: "alice", expires: new Date(0) },
          { subjectId: "alice", expires: "soon" },
          { subjectId: "alice", clients: [{}] },
          { subjectId: "alice", attributes: { number: 7 } },
          { subjectId: "alice", role: "admin" },
        ]) {
          await assert.rejects(tickets.store(session), { code: "invalid_argument" });
        }
        assert.equal((await new lib.SessionManagement(members).querySessions()).totalCount, 0);
      },
    },
  ];
}
