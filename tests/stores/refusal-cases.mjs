// Arguments that Rollcall's own stores refuse in addition to those that every store must refuse,
// with their error codes.
import { strict as assert } from "node:assert";
import { byName } from "./names.mjs";
import { casesOn } from "./open-case.mjs";
import { grant, session } from "./samples.mjs";
import { step } from "./steps.mjs";

/** The cases, for any test runner. `open` is the same as for the conformance kit. */
export function refusalCases(open) {
  const openCase = casesOn(async () => byName(await open()));

  return [
    openCase("a damaged position is refused", async ({ sessions }) => {
      await sessions.create(session("a"));
      for (const damaged of ["", "not a position", "ÄÖ%_'"]) {
        for (const side of ["after", "before"]) {
          const request = { filter: {}, order: "newest", limit: 5, [side]: damaged };
          await assert.rejects(
            async () => sessions.list(request),
            { code: "invalid_results_token" },
            `\`${damaged}\``,
          );
        }
      }
    }),

    openCase("a page without a size is refused", async ({ sessions }) => {
      for (const limit of [0, -1, 1.5, Number.NaN]) {
        const request = { filter: {}, order: "newest", limit };
        await assert.rejects(
          async () => sessions.list(request),
          { code: "invalid_argument" },
          `${limit}`,
        );
      }
    }),

    openCase(
      "a grant with a missing or wrong member is refused with the member's name",
      async ({ grants }) => {
        const wrong = {
          key: [undefined, null, 5],
          type: [undefined, 5],
          clientId: [undefined, ["shop"]],
          data: [undefined, {}],
          created: [undefined, null, new Date(Number.NaN), "yesterday", {}],
          expires: [new Date(Number.NaN), true],
          consumed: [new Date(Number.NaN), []],
          subjectId: [5],
          sessionId: [true],
          description: [[]],
        };
        for (const [name, values] of Object.entries(wrong)) {
          for (const value of values) {
            await assert.rejects(
              async () => grants.store(grant("a", { [name]: value })),
              { code: "invalid_argument", message: new RegExp(`\`${name}\``) },
              `${name}: ${value}`,
            );
          }
        }
        for (const value of [5, "a", [grant("a")], new Map(), Promise.resolve(grant("a"))]) {
          await assert.rejects(async () => grants.store(value), { code: "invalid_argument" });
        }
        assert.equal(await grants.get("a"), undefined);
      },
    ),

    openCase("a grant can have its times in any form", async ({ grants }) => {
      const stored = grant("a", { created: new Date(0), expires: new Date(1_000) });
      for (const [created, expires] of [
        [0, "1970-01-01T00:00:01Z"],
        ["1970-01-01", 1_000],
      ]) {
        await grants.store({ ...stored, created, expires, subjectId: null, consumed: undefined });
        assert.deepEqual(await grants.get("a"), stored);
      }
    }),

    openCase(
      "a grant filter that matches every grant is refused",
      async ({ sessions, grants, atomic }) => {
        await sessions.create(session("a"));
        await grants.store(grant("token", { subjectId: "alice" }));
        const empty = [
          {},
          { clientIds: [] },
          { types: [], clientIds: [] },
          { subjectId: "" },
          { subjectId: " ", sessionId: "\t" },
        ];
        for (const filter of empty) {
          for (const method of ["list", "count", "remove"]) {
            await assert.rejects(
              async () => grants[method](filter),
              { code: "invalid_argument" },
              JSON.stringify(filter),
            );
          }
          const ending = step({ revoke: { matching: [filter] } });
          await assert.rejects(
            async () => atomic.endSessions(ending),
            { code: "invalid_argument" },
            JSON.stringify(filter),
          );
        }
        assert.equal(await sessions.count({}), 1);
      },
    ),
  ];
}
