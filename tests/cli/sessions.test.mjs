// `rollcall sessions list` and `show` in a pipe: formats, pages, and hostile values.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { provider, rows, SECRET } from "./support.mjs";

const HOSTILE = "a\u001b[31mred\u202egnp.exe\tx\ny\\z\u009b\u2028";

let api;
before(async () => {
  api = await provider();
  await api.signIn("12345", "bob-1", {
    displayName: "Bob Baker",
    ipAddress: "192.0.2.7",
    attributes: { department: "sales" },
  });
  await api.signIn("12345", "bob-2", { displayName: "Bob Baker" });
  await api.signIn("محمد", "-dash", { displayName: "محمد بن عبد الله" });
  await api.signIn("w", "w-1", { displayName: "王小明", userAgent: "=1+1" });
  await api.signIn("evil", "evil-1", { displayName: HOSTILE });
  await api.signIn("x", "shared");
  await api.signIn("y", "shared");
});
after(() => api.close());

const query = async (body) => {
  const response = await fetch(`${api.url}/v1/sessions/query`, {
    method: "POST",
    headers: { authorization: `Bearer ${SECRET}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
};

test("a list in a pipe is tab-separated, with one line of headers and whole values", async () => {
  const { out, err, status } = await api.rollcall(["sessions", "list", "--search", "bob"]);
  assert.equal(status, 0);
  assert.equal(err, "");
  const [head, ...lines] = rows(out);
  assert.deepEqual(head, [
    ...["sessionId", "subjectId", "displayName", "clientIds", "created", "renewed"],
    ...["expires", "ipAddress", "issuer", "userAgent"],
  ]);
  assert.deepEqual(
    lines.map(([id, subject, name, clients]) => [id, subject, name, clients]),
    [
      ["bob-2", "12345", "Bob Baker", "shop web"],
      ["bob-1", "12345", "Bob Baker", "shop web"],
    ],
  );
  const { results } = await query({ subjectId: "12345" });
  assert.deepEqual(
    lines.map((line) => line[4]),
    results.map(({ created }) => created),
  );
});

test("control characters for terminals and lines are escaped", async () => {
  const { out } = await api.rollcall(["sessions", "list", "--subject", "evil"]);
  assert.equal(rows(out)[1][2], String.raw`a\u001b[31mred\u202egnp.exe\tx\ny\\z\u009b\u2028`);
  const json = await api.rollcall(["sessions", "list", "--subject", "evil", "--json"]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is about these
  assert.doesNotMatch(json.out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
  assert.equal(JSON.parse(json.out).results[0].displayName, HOSTILE);
});

test("`--json` prints the API's JSON, `--ndjson` one session a line", async () => {
  const { out } = await api.rollcall(["sessions", "list", "--json"]);
  assert.deepEqual(JSON.parse(out), await query({}));
  assert.equal(out.split("\n").length, 2);
  const lines = (await api.rollcall(["sessions", "list", "--ndjson"])).out.trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    (await query({})).results,
  );
});

test("`--csv` quotes according to RFC 4180, and keeps formulas from running", async () => {
  const args = ["sessions", "list", "--csv", "--columns", "sessionId,displayName,userAgent"];
  const { out } = await api.rollcall([...args, "--order", "oldest"]);
  assert.deepEqual(out.split("\r\n"), [
    "sessionId,displayName,userAgent",
    "bob-1,Bob Baker,",
    "bob-2,Bob Baker,",
    "'-dash,محمد بن عبد الله,",
    "w-1,王小明,'=1+1",
    `evil-1,"${HOSTILE}",`,
    "shared,,",
    "shared,,",
    "",
  ]);
});

test("`--all` and a limit of more than a page read several pages", async () => {
  const many = await provider();
  try {
    for (let index = 0; index < 30; index += 1) await many.signIn("s", `s-${index}`);
    const list = async (...args) =>
      rows((await many.rollcall(["sessions", "list", ...args])).out).length - 1;
    assert.equal(await list(), 25);
    assert.equal(await list("--limit", "7"), 7);
    assert.equal(await list("--all"), 30);
    many.requests.length = 0;
    many.intercept(async (request) => {
      const body = await request.clone().json();
      // Smaller pages than the command requests, like those of an API with a maximum.
      const small = { ...body, countRequested: Math.min(body.countRequested, 8) };
      return Response.json(await many.management.querySessions(small));
    });
    assert.equal(await list("--limit", "20"), 20);
    const { out } = await many.rollcall(["sessions", "list", "--all", "--json"]);
    const { results, hasNextResults, totalCount } = JSON.parse(out);
    assert.equal(new Set(results.map(({ sessionId }) => sessionId)).size, 30);
    assert.deepEqual([hasNextResults, totalCount], [false, 30]);
    assert.deepEqual(new Set(many.requests), new Set(["POST /admin/v1/sessions/query"]));
  } finally {
    await many.close();
  }
});

test("each filter is passed to the API", async () => {
  const ids = async (...args) => {
    const { out, err, status } = await api.rollcall(["sessions", "list", ...args]);
    assert.equal(status, 0, err);
    return rows(out)
      .slice(1)
      .map(([id]) => id)
      .sort();
  };
  assert.deepEqual(await ids("--subject", "12345"), ["bob-1", "bob-2"]);
  assert.deepEqual(await ids("--session", "-dash"), ["-dash"]);
  assert.deepEqual(await ids("--session=-dash"), ["-dash"]);
  assert.deepEqual(await ids("--name", "BAKER", "--ip", "192.0.2.7"), ["bob-1"]);
  assert.deepEqual(await ids("--name", "王"), ["w-1"]);
  assert.deepEqual(await ids("--client", "nobody"), []);
  assert.deepEqual(await ids("--created-before", "2h"), []);
  assert.equal((await ids("--created-after", "2h", "--state", "active")).length, 7);
  assert.deepEqual(await ids("--expires-before", "7d"), []);
  assert.deepEqual(await ids("--created-before", "2020-01-01"), []);
});

test("an attribute can be a column", async () => {
  const args = ["sessions", "list", "--session", "bob-1", "--columns"];
  const { out } = await api.rollcall([...args, "attributes.department,sessionId"]);
  assert.deepEqual(rows(out), [
    ["attributes.department", "sessionId"],
    ["sales", "bob-1"],
  ]);
});

test("`show` shows one session, even by an id that starts with -", async () => {
  const { out, status } = await api.rollcall(["sessions", "show", "--", "-dash"]);
  assert.equal(status, 0);
  assert.deepEqual(rows(out).slice(0, 3), [
    ["sessionId", "-dash"],
    ["subjectId", "محمد"],
    ["displayName", "محمد بن عبد الله"],
  ]);
  const { out: json } = await api.rollcall(["sessions", "show", "bob-1", "--json"]);
  const [session] = (await query({ sessionId: "bob-1" })).results;
  assert.deepEqual(JSON.parse(json), session);
});

test("a missing session exits with 4, and an id of several subjects asks for the subject", async () => {
  const none = await api.rollcall(["sessions", "show", "nobody"]);
  assert.deepEqual(none, { out: "", err: "error: no session has the id `nobody`\n", status: 4 });
  const several = await api.rollcall(["sessions", "show", "shared"]);
  assert.equal(several.status, 2);
  assert.match(several.err, /several subjects have the id `shared`: give `--subject [xy]` or/);
  const one = await api.rollcall(["sessions", "show", "shared", "--subject", "y"]);
  assert.equal(rows(one.out)[1][1], "y");
});

test("usage errors exit with 2 and name the flag", async () => {
  for (const [args, message] of [
    [["sessions", "list", "--limit", "0"], "`--limit` must be a whole number, 1 or more"],
    [["sessions", "list", "--subject", " "], "`--subject` must not be blank"],
    [["sessions", "list", "--ndjson", "--csv"], "give one of `--json`, `--ndjson` and `--csv`"],
    [
      ["sessions", "list", "--state", "expird"],
      "`--state` must be one of `active`, `expired`, `any`, not `expird`: did you mean `expired`?\n",
    ],
    [["sessions", "list", "--order", "odd"], "`--order` must be one of `newest`, `oldest`, not"],
    [
      ["deliveries", "list", "--state", "active"],
      "`--state` must be one of `pending`, `failed`, `delivered`, not `active`\n",
    ],
    [["sessions", "list", "--columns", "no"], "there is no column `no`"],
    [["sessions", "list", "--created-after", "soon"], "`--created-after` must be a time"],
    [["sessions", "list", "--created-after", "2026-11-30T12:00:00"], "must be a time"],
    [["sessions", "list", "--odd\u001b"], "unknown option `--odd\\u001b`"],
    [["sessions", "show"], "missing required argument `sessionId`"],
    [["sessions", "odd"], "unknown command `odd`"],
    [["sessions", "list", "--columns", "issuer,"], "`--columns` must not be blank"],
    [["sessions", "list", "--columns", "sesionId"], ": did you mean `sessionId`?\n"],
    [["sessions", "end", "x".repeat(300)], "error: the session id has 300 characters"],
    [
      ["deliveries", "list", "--client", "x".repeat(300)],
      "error: `--client` must have at most 255",
    ],
    [["stats", "--hours", "999"], "error: `--hours` must be a whole number from 1 to 168\n"],
    [["sessions", "show", ""], "`<sessionId>` must not be blank"],
  ]) {
    const { out, err, status } = await api.rollcall(args);
    assert.equal(status, 2, `${args}: ${err}`);
    assert.equal(out, "");
    assert.ok(err.startsWith("error: ") && err.includes(message), err);
  }
});

test("names and addresses are in bodies, never in URLs", async () => {
  api.requests.length = 0;
  await api.rollcall(["sessions", "list", "--name", "Bob"]);
  await api.rollcall(["sessions", "show", "bob-1"]);
  assert.deepEqual(new Set(api.requests), new Set(["POST /admin/v1/sessions/query"]));
});
