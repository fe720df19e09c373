// The feed of events, in the process and over HTTP.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { eventFeed } from "../../pkg/http.js";
import { CAROL, provider, request } from "./support.mjs";

const removed = (subjectId, members = {}) => ({
  type: "session_removed",
  at: new Date(0),
  subjectId,
  sessionId: `${subjectId}-1`,
  ...members,
});

/** The next items of a subscription. */
async function take(items, count) {
  const taken = [];
  for (let index = 0; index < count; index += 1) taken.push((await items.next()).value);
  return taken;
}

const names = (items) => items.map((item) => item?.event?.subjectId ?? item?.type);

test("a reader gets the events since it connected, or since a given one", async () => {
  const feed = eventFeed();
  feed.publish(removed("a"));
  const fresh = feed.subscribe({});
  const [hello] = await take(fresh, 1);
  feed.publish(removed("b"));
  feed.publish(removed("c"));
  const [b, c] = await take(fresh, 2);
  assert.deepEqual(names([b, c]), ["b", "c"]);
  assert.equal(hello.type, "hello");
  const resumed = feed.subscribe({ after: hello.last });
  assert.deepEqual(names(await take(resumed, 3)), ["hello", "b", "c"]);
  const later = feed.subscribe({ after: b.id });
  assert.deepEqual(names(await take(later, 2)), ["hello", "c"]);
  const only = feed.subscribe({ after: hello.last, types: ["session_created"] });
  await take(only, 1);
  feed.publish({ ...removed("d"), type: "session_created" });
  assert.deepEqual(names(await take(only, 1)), ["d"]);
});

test("an id that is unknown or no longer kept causes a reset", async () => {
  const feed = eventFeed({ keep: 2 });
  const other = eventFeed();
  for (const subject of ["a", "b", "c"]) feed.publish(removed(subject));
  other.publish(removed("z"));
  const [, first] = await take(feed.subscribe({ after: undefined }), 1).then(() => [0, 0]);
  assert.equal(first, 0);
  const [{ last }] = await take(feed.subscribe({}), 1);
  const [{ last: foreign }] = await take(other.subscribe({}), 1);
  const run = last.slice(0, -1);
  for (const after of [foreign, "", "nonsense", `${run}0`, `${run}4`, `${run}03`, `${run}-1`]) {
    const items = feed.subscribe({ after });
    assert.deepEqual(names(await take(items, 2)), ["hello", "reset"], after);
  }
  // The first event is no longer kept, but the reader had received it.
  assert.deepEqual(names(await take(feed.subscribe({ after: `${run}1` }), 3)), ["hello", "b", "c"]);
});

test("a reader that falls behind the kept events is closed, and doesn't block the feed", async () => {
  const feed = eventFeed({ keep: 3 });
  const items = feed.subscribe({});
  await take(items, 1);
  for (let index = 0; index < 10; index += 1) feed.publish(removed(`u${index}`));
  assert.equal((await items.next()).done, true);
});

test("a subscription ends with its signal", async () => {
  const feed = eventFeed();
  const reader = new AbortController();
  const items = feed.subscribe({ signal: reader.signal });
  await take(items, 1);
  const next = items.next();
  reader.abort();
  assert.equal((await next).done, true);
});

test("`keep` must be a whole number from 1", () => {
  for (const options of [{ keep: 0 }, { keep: 1.5 }, { keep: "1" }, { kept: 1 }]) {
    assert.throws(() => eventFeed(options), { code: "invalid_argument" });
  }
});

/** Reads a stream of events until `count` have arrived, without comments and `retry`. */
async function read(response, count) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const entries = () =>
    text
      .split("\n\n")
      .slice(0, -1)
      .filter((entry) => entry.includes("event: "))
      .map((entry) =>
        Object.fromEntries(
          entry.split("\n").map((line) => {
            const [name, ...value] = line.split(": ");
            return [name, value.join(": ")];
          }),
        ),
      );
  while (entries().length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  await reader.cancel();
  return { entries: entries(), text };
}

test("events are followed over HTTP, including denials", async () => {
  const { call, signIn } = provider();
  await signIn("bob", "bob-1");
  const response = await call("GET", "/v1/events");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reading = read(response, 4);
  await call("DELETE", "/v1/sessions/bob-1?reason=lost");
  await call("GET", "/v1/sessions", undefined, {
    authorization: "",
    "sec-fetch-site": "cross-site",
  });
  const { entries, text } = await reading;
  assert.ok(text.startsWith("retry: 3000\n\n"));
  assert.equal(entries[0].event, "hello");
  assert.deepEqual(Object.keys(JSON.parse(entries[0].data)), ["now", "last"]);
  const event = entries.find(({ event }) => event === "session_removed");
  const { at, ...data } = JSON.parse(event.data);
  assert.match(at, /^\d{4}-.*Z$/);
  assert.deepEqual(data, {
    type: "session_removed",
    subjectId: "bob",
    sessionId: "bob-1",
    logoutReason: "terminated",
    reason: "lost",
    actor: "carol",
  });
});

test("a reader reconnects with its last id, and a missed event causes a reset", async () => {
  const { call, events } = provider();
  events.publish(removed("a"));
  const first = await read(await call("GET", "/v1/events"), 1);
  const { last } = JSON.parse(first.entries[0].data);
  assert.equal(first.entries[0].id, last);
  events.publish(removed("b"));
  for (const [path, headers] of [
    ["/v1/events", { "last-event-id": last }],
    [`/v1/events?lastEventId=${last}`, {}],
    [`/v1/events?lastEventId=nonsense`, { "last-event-id": last }],
  ]) {
    const { entries } = await read(await call("GET", path, undefined, headers), 2);
    assert.deepEqual(
      entries.map(({ event, id }) => [event, id === undefined]),
      [
        ["hello", true],
        ["session_removed", false],
      ],
    );
  }
  const lost = await read(await call("GET", "/v1/events?lastEventId=nonsense"), 2);
  assert.deepEqual(
    lost.entries.map(({ event }) => event),
    ["hello", "reset"],
  );
  const typed = await call("GET", "/v1/events?types=session_created&types=session_expired");
  const reading = read(typed, 3);
  for (const type of ["session_removed", "session_created", "session_expired"]) {
    events.publish({ ...removed("c"), type });
  }
  assert.deepEqual(
    (await reading).entries.map(({ event }) => event),
    ["hello", "session_created", "session_expired"],
  );
});

test("a wrong type is refused: its reader would wait forever", async () => {
  const { call } = provider();
  for (const search of ["types=a,b", "types=", "types=session_removed&types=%20", "types=a%0A"]) {
    const response = await call("GET", `/v1/events?${search}`);
    const { code, parameter, detail } = await response.json();
    assert.deepEqual([code, parameter], ["invalid_argument", "types"]);
    assert.equal(detail, "`types` must be one event type: repeat the parameter for several");
  }
});

test("an actor of some issuers follows only the events of those, without redacted fields", async () => {
  const { call, events } = provider({
    actor: { ...CAROL, issuers: ["https://one"], redact: ["ipAddress"] },
  });
  const reading = read(await call("GET", "/v1/events"), 2);
  events.publish(removed("two", { issuer: "https://two" }));
  events.publish(removed("none"));
  events.publish({ type: "admin_denied", at: new Date(), route: "GET /v1/me" });
  events.publish(removed("one", { issuer: "https://one", ipAddress: "192.0.2.1" }));
  const { entries, text } = await reading;
  assert.equal(JSON.parse(entries[1].data).subjectId, "one");
  assert.doesNotMatch(text, /192\.0\.2|two|none|admin_denied/);
});

test("a comment is sent every 15 s, and the permission is checked again every minute", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    let permissions = ["read"];
    let asked = 0;
    const { api } = provider({
      authorize: () => {
        asked += 1;
        return { actor: "dave", permissions };
      },
    });
    const response = await api(request("GET", "/v1/events"));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => (await reader.read()).value;
    assert.equal(await next(), "retry: 3000\n\n");
    assert.match(await next(), /^event: hello\n/);
    for (let count = 0; count < 3; count += 1) {
      mock.timers.tick(15_000);
      assert.equal(await next(), ":\n\n");
    }
    assert.equal(asked, 1);
    mock.timers.tick(15_000);
    assert.equal(await next(), ":\n\n");
    assert.equal(asked, 2);
    permissions = [];
    for (let count = 0; count < 3; count += 1) {
      mock.timers.tick(15_000);
      assert.equal(await next(), ":\n\n");
    }
    mock.timers.tick(15_000);
    assert.equal(await next(), undefined);
    assert.equal(asked, 3);
  } finally {
    mock.timers.reset();
  }
});

test("a reader that disconnects ends its subscription", async () => {
  const signals = [];
  let ended = 0;
  const events = {
    async *subscribe({ signal }) {
      signals.push(signal);
      try {
        yield { type: "hello" };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      } finally {
        ended += 1;
      }
    },
  };
  const { api } = provider({ events });
  const caller = new AbortController();
  const one = await api(new Request(request("GET", "/v1/events"), { signal: caller.signal }));
  const reading = one.text().catch(() => {});
  const other = await api(request("GET", "/v1/events"));
  const reader = other.body.getReader();
  await reader.read();
  await reader.read();
  caller.abort();
  await reader.cancel();
  await reading;
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
  assert.equal(ended, 2);
});

test("a failing feed of the host closes the stream and reveals nothing", async () => {
  const events = {
    async *subscribe() {
      yield { type: "event", id: "1\nevent: forged", event: { type: "x\ny", at: new Date(0) } };
      throw new Error("hunter2");
    },
  };
  const { api, errors } = provider({ events });
  const response = await api(request("GET", "/v1/events"));
  const text = await response.text();
  assert.ok(text.includes("id: 1event: forged\nevent: xy\ndata: {"));
  assert.doesNotMatch(text, /hunter2/);
  assert.deepEqual(
    errors.map(({ message }) => message),
    ["hunter2"],
  );
});
