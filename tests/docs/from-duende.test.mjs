/** The import of docs/integrations/from-duende.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [program, ...others] = await examplesOf("docs/integrations/from-duende.md", import.meta.url);

test("there is one example to run", () => {
  assert.ok(program !== undefined);
  assert.equal(others.length, 0);
});

const hour = 3_600_000;
const at = (hours) => new Date(Date.now() + hours * hour).toISOString();
const exported = {
  subjectId: "1001",
  displayName: "Alice Ñ",
  issuer: "https://id.example.com",
  clientIds: ["shop", "wiki"],
};
/** As .NET writes them: with seven digits of a second, and `null` for missing members. */
const LINES = [
  {
    ...exported,
    sessionId: "A1",
    created: "2026-11-28T08:00:00.1234567Z",
    renewed: at(-1),
    expires: at(9),
  },
  { ...exported, sessionId: "A2", created: at(-20), renewed: at(-12), expires: at(-2) },
  {
    subjectId: "1002",
    sessionId: "B1",
    displayName: null,
    issuer: null,
    clientIds: [],
    created: "2026-11-01T00:00:00Z",
    renewed: "2026-11-01T00:00:00Z",
    expires: null,
  },
];

const provider = `
  import { memoryStores } from "rollcall/memory";
  export const stores = memoryStores();
  export const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
`;

test("sessions are imported with their times and clients, once, and clients are notified", async () => {
  const loop = program.slice(program.indexOf("const done"));
  const input = `
    { const { Readable } = await import("node:stream");
      Object.defineProperty(process, "stdin", {
        configurable: true, value: Readable.from([${JSON.stringify(LINES.map((line) => JSON.stringify(line)).join("\n"))}]),
      }); }`;
  const [imports, rest] = [
    program.slice(0, program.indexOf("// Its clock")),
    program.slice(program.indexOf("// Its clock")),
  ];
  const after = `
    const sent = [];
    const host = {
      ...stores,
      clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
      sendLogout: ({ client, claims }) => { sent.push([client.clientId, claims.sub, claims.sid, claims.iss]); return { delivered: true }; },
    };
    const { results } = await management.querySessions({ order: "oldest" });
    const report = await new SessionManagement(host).removeSessions({ subjectId: "1001", sessionId: "A1" });
    const named = (await management.querySessions({ displayName: "alice ñ" })).results.length;
    console.log(JSON.stringify({ results, sent, named, removed: report.sessionsRemoved }));
  `;
  const printed = await run(`${imports} ${input} ${rest} ${input} { ${loop} } ${after}`, {
    "provider.mjs": provider,
  });
  const [first, second, json] = printed.trim().split("\n");
  assert.equal(first, "{ imported: 2, existed: 0, expired: 1 }");
  assert.equal(second, "{ imported: 0, existed: 2, expired: 1 }");
  const { results, sent, removed } = JSON.parse(json);
  assert.deepEqual(
    results.map(({ sessionId, displayName, created, renewed, expires, clientIds, issuer }) => [
      sessionId,
      displayName,
      created,
      renewed,
      expires,
      clientIds,
      issuer,
    ]),
    [
      [
        "B1",
        undefined,
        "2026-11-01T00:00:00.000Z",
        "2026-11-01T00:00:00.000Z",
        undefined,
        [],
        undefined,
      ],
      [
        "A1",
        "Alice Ñ",
        "2026-11-28T08:00:00.123Z",
        LINES[0].renewed,
        LINES[0].expires,
        ["shop", "wiki"],
        "https://id.example.com",
      ],
    ],
  );
  assert.equal(removed, 1);
  assert.deepEqual(sent.sort(), [
    ["shop", "1001", "A1", "https://id.example.com"],
    ["wiki", "1001", "A1", "https://id.example.com"],
  ]);
});
