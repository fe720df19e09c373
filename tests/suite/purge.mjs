/** Purges, on every host. */

import { NOW, timedHost } from "./host.mjs";

const QUARTER = 15 * 60_000;

/**
 * A host with this many sessions of as many subjects, all at `app` and every second one at `web`.
 */
async function crowded(lib, count) {
  const timed = timedHost(lib);
  for (let number = 0; number < count; number += 1) {
    await timed.signIn(`user${number}`, `s${number}`, number % 2 === 0 ? ["web", "app"] : ["app"]);
  }
  timed.events.length = 0;
  return timed;
}

export function purgeCases(lib, assert) {
  return [
    {
      name: "a purge is previewed, confirmed and continued with its token",
      async run() {
        const { management, clock, sent, events, sessionIds, tokensOf } = await crowded(lib, 250);
        const request = {
          filter: { clientId: "web" },
          limit: 50,
          reason: "breach",
          actor: "carol",
        };
        const { count, sample, confirmToken } = await management.purgeSessions(request);
        assert.deepEqual([count, sample.length], [125, 100]);
        assert.deepEqual([sample[0].subjectId, sample[0].created], ["user248", new Date(NOW)]);
        assert.ok(!("key" in sample[0]));
        assert.deepEqual([sent.length, events.length], [0, 0]);

        const progress = [];
        const reports = [];
        for (let token = confirmToken; token !== undefined; ) {
          const onProgress = ({ sessions }) => progress.push(sessions);
          const report = await management.purgeSessions(
            { ...request, confirmToken: token },
            { onProgress },
          );
          reports.push(report);
          assert.equal(report.more, report.confirmToken !== undefined);
          token = report.confirmToken;
          clock.now += QUARTER;
        }
        assert.deepEqual(
          reports.map((report) => [
            report.sessionsRemoved,
            report.tokensRevoked,
            report.notifications.delivered,
          ]),
          [
            [50, 100, 100],
            [50, 100, 100],
            [25, 50, 50],
          ],
        );
        assert.ok(progress.includes(50) && progress.at(-1) === 25);
        const left = await sessionIds({ countRequested: 200 });
        assert.deepEqual(
          [left.length, left.includes("s1"), left.includes("s0")],
          [125, true, false],
        );
        assert.deepEqual(await tokensOf("s0"), []);
        assert.deepEqual(await tokensOf("s1"), ["app"]);
        assert.ok(
          sent.every(
            ({ claims }) => claims.sid !== undefined && claims.logout_reason === "terminated",
          ),
        );
        const [{ at: _, ...first }] = events;
        const who = { subjectId: "user0", sessionId: "s0" };
        const why = { logoutReason: "terminated", reason: "breach", actor: "carol" };
        assert.deepEqual(first, { type: "session_removed", ...who, ...why });
        assert.equal((await management.purgeSessions(request)).count, 0);
      },
    },
    {
      name: "a purge needs its own token, which is recent and for about as many sessions",
      async run() {
        const { management, clock, signIn } = await crowded(lib, 4);
        const filter = { clientId: "web" };
        const { confirmToken } = await management.purgeSessions({ filter });
        const refused = async (request, code) => {
          await assert.rejects(management.purgeSessions({ filter, confirmToken, ...request }), {
            name: "RollcallError",
            code,
          });
          assert.equal((await management.querySessions({ clientId: "web" })).totalCount, 2);
        };
        await refused({ filter: { clientId: "app" } }, "confirm_token_stale");
        await refused({ confirmToken: `${confirmToken}A` }, "invalid_argument");
        clock.now += QUARTER + 1;
        await refused({}, "confirm_token_stale");
        clock.now = NOW;
        for (let number = 0; number < 18; number += 1)
          await signIn("alice", `more${number}`, ["web"]);
        await assert.rejects(management.purgeSessions({ filter, confirmToken }), {
          code: "confirm_token_stale",
        });
      },
    },
    {
      name: "a purge of everything must be explicit",
      async run() {
        const { management, clock, signIn, sessionIds } = await crowded(lib, 3);
        for (const [filter, code] of [
          [{}, "empty_target"],
          [{ subjectId: " " }, "invalid_argument"],
          [{ subjectId: "user1", sessionId: "" }, "invalid_argument"],
        ])
          await assert.rejects(management.purgeSessions({ filter }), { code });
        const both = { filter: { subjectId: "user1" }, everything: true };
        await assert.rejects(management.purgeSessions(both), { code: "invalid_argument" });
        const everything = { filter: {}, everything: true, exceptSessionIds: ["s1"] };
        const { count, confirmToken } = await management.purgeSessions(everything);
        assert.equal(count, 2);
        clock.now += 1;
        await signIn("late", "late", []);
        const dryRun = await management.purgeSessions({
          ...everything,
          confirmToken,
          dryRun: true,
        });
        assert.deepEqual(
          [dryRun.sessionsRemoved, dryRun.dryRun, (await sessionIds()).length],
          [2, true, 4],
        );
        const report = await management.purgeSessions({ ...everything, confirmToken });
        assert.deepEqual(
          [report.sessionsRemoved, report.more, "confirmToken" in report],
          [2, false, false],
        );
        assert.deepEqual(
          await sessionIds(),
          ["s1", "late"],
          "the excluded session, and the one created after the preview",
        );
      },
    },
    {
      name: "a purge needs a store that counts, and a grant store to revoke tokens",
      async run() {
        const { members } = timedHost(lib);
        const { count: _, ...sessions } = members.sessions;
        const filter = { clientId: "web" };
        const uncounted = new lib.SessionManagement({ ...members, sessions });
        await assert.rejects(uncounted.purgeSessions({ filter }), { code: "not_configured" });
        const { grants: __, ...host } = members;
        const poor = new lib.SessionManagement(host);
        await assert.rejects(poor.purgeSessions({ filter, revokeTokens: true }), {
          code: "not_configured",
        });
        const management = new lib.SessionManagement(members);
        await assert.rejects(
          management.purgeSessions({ filter }, { signal: AbortSignal.abort() }),
          { code: "aborted" },
        );
      },
    },
  ];
}
