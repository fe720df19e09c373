// Proxies in the environment. A request goes to a proxy only if the host opts in, and to any other
// server only if its address is public. Tested on every version of Node, each in a new process,
// because a process reads its environment only once.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { nodePath, Unavailable } from "../hosts/tools.mjs";
import { relyingParty } from "./support.mjs";

const PROGRAM = fileURLToPath(new URL("fixtures/send-public.mjs", import.meta.url));
const NAME = "rp.example.com";

const refused = {
  delivered: false,
  retry: false,
  error: `\`${NAME}\` is at \`127.0.0.1\`, which is not a public address`,
};

/** The outcome of a sender on this version of Node with these flags, variables and options. */
async function outcomeOn(t, major, uri, { flags = [], variables = {}, options = {} }) {
  let node;
  try {
    node = nodePath(major);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    t.skip(error.message);
    return undefined;
  }
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]);
  const inherited = Object.entries(process.env).filter(([name]) => !names.includes(name));
  const { stdout } = await promisify(execFile)(
    node,
    [...flags, PROGRAM, uri, JSON.stringify(options)],
    { env: { ...Object.fromEntries(inherited), ...variables } },
  );
  return JSON.parse(stdout);
}

/** A party that the name resolves to, and a proxy that answers 200 to everything. */
async function partyAndProxy(t) {
  const party = await relyingParty(t);
  const proxy = await relyingParty(t);
  const tunnels = [];
  proxy.server.on("connect", (request, socket) => {
    tunnels.push(request.url);
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  });
  return { party, uri: party.uri.replace("127.0.0.1", NAME), proxy, tunnels };
}

const toUse = (flags, variables) => ({ flags, variables });

for (const major of [20, 22, 24, 26]) {
  describe(`Node ${major}`, () => {
    const ways = [
      toUse([], { NODE_USE_ENV_PROXY: "1" }),
      ...(major > 20
        ? [toUse(["--use-env-proxy"], {}), toUse([], { NODE_OPTIONS: "--use-env-proxy" })]
        : []),
    ];
    for (const { flags, variables } of ways) {
      const how = JSON.stringify([flags, variables]);
      for (const [what, proxies] of [
        ["no proxy", () => ({})],
        ["a proxy", (origin) => ({ HTTP_PROXY: origin })],
        ["a proxy for others", (origin) => ({ HTTP_PROXY: origin, NO_PROXY: NAME })],
        ["a proxy for https", (origin) => ({ HTTPS_PROXY: origin })],
      ]) {
        test(`with ${how} and ${what}, a private name is sent nothing`, async (t) => {
          const { party, uri, proxy } = await partyAndProxy(t);
          const all = { ...variables, ...proxies(proxy.origin) };
          const outcome = await outcomeOn(t, major, uri, { flags, variables: all });
          if (outcome === undefined) return;
          assert.deepEqual(outcome, refused);
          assert.deepEqual([party.requests, proxy.requests], [[], []]);
        });
      }
    }
  });
}

test("Node 20 refuses the option", async (t) => {
  const { party, uri, proxy } = await partyAndProxy(t);
  const outcome = await outcomeOn(t, 20, uri, {
    variables: { HTTP_PROXY: proxy.origin },
    options: { proxy: "environment" },
  });
  if (outcome === undefined) return;
  assert.deepEqual(outcome, {
    code: "invalid_argument",
    message: "`proxy` needs Node 22.21, 24.5 or later: pass a `fetch` instead",
  });
  assert.deepEqual([party.requests, proxy.requests], [[], []]);
});

for (const major of [22, 24, 26]) {
  describe(`Node ${major} with the option`, () => {
    const options = { proxy: "environment" };

    test("sends to the proxy by http", async (t) => {
      const { party, uri, proxy } = await partyAndProxy(t);
      const variables = { HTTP_PROXY: proxy.origin.replace("127.0.0.1", "proxy.example.com") };
      const outcome = await outcomeOn(t, major, uri, { variables, options });
      if (outcome === undefined) return;
      assert.deepEqual(outcome, { delivered: true, status: 200 });
      assert.deepEqual([party.requests.length, proxy.requests.map(({ path }) => path)], [0, [uri]]);
    });

    test("sends to the proxy by https", async (t) => {
      const { proxy, tunnels } = await partyAndProxy(t);
      const outcome = await outcomeOn(t, major, `https://${NAME}/logout`, {
        variables: { HTTPS_PROXY: proxy.origin },
        options,
      });
      if (outcome === undefined) return;
      assert.deepEqual([outcome.delivered, outcome.retry], [false, true]);
      assert.match(outcome.error, /^cannot reach `rp\.example\.com`: Failed to establish tunnel/);
      assert.deepEqual(tunnels, [`${NAME}:443`]);
    });

    for (const [what, proxies] of [
      ["no proxy", () => ({})],
      ["a proxy for others", (origin) => ({ HTTP_PROXY: origin, NO_PROXY: `.org, ${NAME}` })],
      ["a proxy for no host", (origin) => ({ HTTP_PROXY: origin, NO_PROXY: "*" })],
      ["a proxy for https", (origin) => ({ HTTPS_PROXY: origin })],
    ]) {
      test(`and ${what} sends nothing to a private name`, async (t) => {
        const { party, uri, proxy } = await partyAndProxy(t);
        const variables = proxies(proxy.origin);
        const outcome = await outcomeOn(t, major, uri, { variables, options });
        if (outcome === undefined) return;
        assert.deepEqual(outcome, refused);
        assert.deepEqual([party.requests, proxy.requests], [[], []]);
      });
    }

    test("sends nothing to a private address through the proxy", async (t) => {
      const { party, proxy } = await partyAndProxy(t);
      const variables = { HTTP_PROXY: proxy.origin };
      const outcome = await outcomeOn(t, major, party.uri, { variables, options });
      if (outcome === undefined) return;
      const error = "`backChannelLogoutUri` points to `127.0.0.1`, which is not a public address";
      assert.deepEqual(outcome, { delivered: false, retry: false, error });
      assert.deepEqual([party.requests, proxy.requests], [[], []]);
    });

    test("can't be created with an invalid proxy URL, and doesn't reveal its password", async (t) => {
      const { uri } = await partyAndProxy(t);
      const variables = { HTTP_PROXY: "http://user:secret@proxy:99999999" };
      const outcome = await outcomeOn(t, major, uri, { variables, options });
      if (outcome === undefined) return;
      assert.deepEqual(outcome, {
        code: "invalid_argument",
        message: "`proxy`: `HTTPS_PROXY` and `HTTP_PROXY` must be the URLs of proxies",
      });
    });
  });
}
