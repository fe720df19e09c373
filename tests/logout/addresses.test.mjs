// The allowed targets of the sender: https and public hosts only, however an address is spelled.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { backChannelSender, isPublicAddress } from "../../pkg/logout.js";
import { ISSUER, localSender, messageTo, providerKey, relyingParty } from "./support.mjs";

/** A sender with the safe defaults whose `fetch` answers 200 and records the URL. */
function recordingSender(options = {}) {
  const sentTo = [];
  const fetch = async (url) => {
    sentTo.push(url);
    return new Response();
  };
  return {
    send: backChannelSender({
      issuer: ISSUER,
      signingKeys: [providerKey.privateJwk],
      fetch,
      ...options,
    }),
    sentTo,
  };
}

const PRIVATE_HOSTS = [
  // Loopback, in the spellings that resolvers accept (WHATWG URL, "IPv4 parser").
  "127.0.0.1",
  "127.255.255.254",
  "127.1",
  "127.0.1",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "0177.0.0.1",
  "017700000001",
  "127.0.0.1.",
  "127.0.0.1..",
  "１２７.０.０.１",
  "127。0。0。1",
  "%31%32%37.0.0.1",
  // This network, private use, shared, and link-local with the metadata services of clouds.
  "0.0.0.0",
  "0",
  "0.1.2.3",
  "10.0.0.1",
  "10.255.255.255",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.0.1",
  "192.168.255.255",
  "0300.0250.1.1",
  "3232235777",
  "100.64.0.1",
  "100.127.255.255",
  "169.254.169.254",
  "0xa9fea9fe",
  // Protocol assignments, documentation, benchmarks, relays, multicast, reserved, broadcast.
  "192.0.0.1",
  "192.0.2.1",
  "198.51.100.1",
  "203.0.113.1",
  "198.18.0.1",
  "198.19.255.255",
  "192.88.99.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  // IPv6: unspecified, loopback, link-local, site-local, unique-local, multicast, discard,
  // documentation, benchmarks, ORCHID.
  "[::]",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[0000:0000:0000:0000:0000:0000:0000:0001]",
  "[::0.0.0.1]",
  "[fe80::1]",
  "[febf::1]",
  "[fec0::1]",
  "[fc00::1]",
  "[fd12:3456:789a::1]",
  "[FD00::1]",
  "[ff02::1]",
  "[100::1]",
  "[2001:db8::1]",
  "[3fff::1]",
  "[2001:2::1]",
  "[2001:10::1]",
  "[2001:20::1]",
  "[5f00::1]",
  "[4000::1]",
  "[8000::1]",
  // IPv6 addresses that carry an IPv4 address: mapped, compatible, translated, 6to4, Teredo, NAT64.
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::ffff:10.0.0.1]",
  "[::ffff:93.184.216.34]",
  "[::127.0.0.1]",
  "[::93.184.216.34]",
  "[::ffff:0:127.0.0.1]",
  "[2002:7f00:1::]",
  "[2002:c0a8:101::1]",
  "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
  "[64:ff9b::127.0.0.1]",
  "[64:ff9b::10.0.0.1]",
  "[64:ff9b::a9fe:a9fe]",
  "[64:ff9b:1::7f00:1]",
  "[64:ff9b:1::5db8:d822]",
];

const PRIVATE_NAMES = [
  "localhost",
  "LOCALHOST",
  "localhost.",
  "app.localhost",
  "localhost.localdomain",
  "printer.local",
  "metadata.google.internal",
  "metadata.google.internal.",
  "metadata.google.internal..",
  "localhost...",
  "router.home.arpa",
  "intranet",
  "ip6-loopback",
];

const PUBLIC_HOSTS = [
  "93.184.216.34",
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.1",
  "169.253.255.255",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "192.169.0.0",
  "223.255.255.255",
  "[2606:2800:220:1:248:1893:25c8:1946]",
  "[2a00:1450:4001:81b::200e]",
  "[64:ff9b::5db8:d822]",
];

const PUBLIC_NAMES = [
  "rp.example.com",
  "rp.example.com.",
  "localhost.example.com",
  "local.example.com",
  "internal.example.com",
  "mylocalhost.example",
  "127.0.0.1.example.com",
  "bücher.example",
];

describe("without `allowInsecure`", () => {
  for (const host of PRIVATE_HOSTS) {
    test(`${host} is sent nothing`, async () => {
      const { send, sentTo } = recordingSender();
      const outcome = await send(messageTo(`https://${host}/logout`));
      const address = new URL(`https://${host}`).hostname.replace(/^\[|\]$|\.+$/g, "");
      const error = `\`backChannelLogoutUri\` points to \`${address}\`, which is not a public address`;
      assert.deepEqual(outcome, { delivered: false, retry: false, error });
      assert.deepEqual(sentTo, []);
    });
  }

  for (const host of PRIVATE_NAMES) {
    test(`${host} is sent nothing`, async () => {
      const { send, sentTo } = recordingSender({ resolve: () => ["93.184.216.34"] });
      const outcome = await send(messageTo(`https://${host}/logout`));
      const error = `\`backChannelLogoutUri\` points to \`${host.toLowerCase().replace(/\.+$/, "")}\`, which is not a public name`;
      assert.deepEqual(outcome, { delivered: false, retry: false, error });
      assert.deepEqual(sentTo, []);
    });
  }

  for (const host of [...PUBLIC_HOSTS, ...PUBLIC_NAMES]) {
    test(`${host} is notified`, async () => {
      const { send, sentTo } = recordingSender();
      const url = `https://${host}:8443/logout?tenant=1`;
      assert.deepEqual(await send(messageTo(url)), { delivered: true, status: 200 });
      assert.deepEqual(sentTo, [new URL(url).href]);
    });
  }

  for (const [url, error] of [
    ["http://rp.example.com/logout", "`backChannelLogoutUri` must be an https URL"],
    ["HTTP://rp.example.com/logout", "`backChannelLogoutUri` must be an https URL"],
    ["ftp://rp.example.com/logout", "`backChannelLogoutUri` must be an https URL"],
    ["file:///etc/passwd", "`backChannelLogoutUri` must be an https URL"],
    ["data:text/plain,logout", "`backChannelLogoutUri` must be an https URL"],
    ["javascript:logout()", "`backChannelLogoutUri` must be an https URL"],
    ["/logout", "`backChannelLogoutUri` is not an absolute URL"],
    ["rp.example.com/logout", "`backChannelLogoutUri` is not an absolute URL"],
    ["https://", "`backChannelLogoutUri` is not an absolute URL"],
    ["https://256.1.1.1/logout", "`backChannelLogoutUri` is not an absolute URL"],
    ["https://[::1/logout", "`backChannelLogoutUri` is not an absolute URL"],
    ["https://[fe80::1%25eth0]/logout", "`backChannelLogoutUri` is not an absolute URL"],
    ["", "`backChannelLogoutUri` is not an absolute URL"],
    ["https://rp.example.com/logout#top", "`backChannelLogoutUri` must not have a fragment"],
    ["https://rp.example.com/logout#", "`backChannelLogoutUri` must not have a fragment"],
    [
      "https://alice@rp.example.com/logout",
      "`backChannelLogoutUri` must not have a user name or password",
    ],
    [
      "https://alice:secret@rp.example.com/logout",
      "`backChannelLogoutUri` must not have a user name or password",
    ],
    [
      "https://:secret@rp.example.com/logout",
      "`backChannelLogoutUri` must not have a user name or password",
    ],
    [
      "https://rp.example.com@127.0.0.1/logout",
      "`backChannelLogoutUri` must not have a user name or password",
    ],
    [
      "https:127.0.0.1/logout",
      "`backChannelLogoutUri` points to `127.0.0.1`, which is not a public address",
    ],
    [
      "https:\\\\127.0.0.1\\logout",
      "`backChannelLogoutUri` points to `127.0.0.1`, which is not a public address",
    ],
    [
      " https://127.0.0.1/logout",
      "`backChannelLogoutUri` points to `127.0.0.1`, which is not a public address",
    ],
    [
      "ht\ntps://127.0.0.1/logout",
      "`backChannelLogoutUri` points to `127.0.0.1`, which is not a public address",
    ],
  ]) {
    test(`${JSON.stringify(url)} is refused`, async () => {
      const { send, sentTo } = recordingSender();
      assert.deepEqual(await send(messageTo(url)), { delivered: false, retry: false, error });
      assert.deepEqual(sentTo, []);
    });
  }
});

describe("with `allowInsecure`", () => {
  const http = "http://rp.example.com/logout";
  const loopback = "https://127.0.0.1/logout";
  const both = "http://localhost/logout";
  for (const [allowInsecure, allowed] of [
    [false, []],
    [{}, []],
    [{ http: true }, [http]],
    [{ privateAddresses: true }, [loopback]],
    [{ http: true, privateAddresses: false }, [http]],
    [true, [http, loopback, both]],
    [{ http: true, privateAddresses: true }, [http, loopback, both]],
  ]) {
    test(`${JSON.stringify(allowInsecure)}, ${allowed.length} of three are notified`, async () => {
      const { send, sentTo } = recordingSender({ allowInsecure });
      for (const url of [http, loopback, both]) {
        await send(messageTo(url));
      }
      assert.deepEqual(sentTo, allowed);
    });
  }

  for (const [url, error] of [
    ["ftp://localhost/logout", "`backChannelLogoutUri` must be an https URL"],
    ["http://localhost/logout#top", "`backChannelLogoutUri` must not have a fragment"],
    [
      "http://alice@localhost/logout",
      "`backChannelLogoutUri` must not have a user name or password",
    ],
  ]) {
    test(`${url} is still refused`, async () => {
      const { send, sentTo } = recordingSender({ allowInsecure: true });
      assert.deepEqual(await send(messageTo(url)), { delivered: false, retry: false, error });
      assert.deepEqual(sentTo, []);
    });
  }
});

describe("with `resolve`", () => {
  const url = "https://rp.example.com/logout";

  test("a name is notified if all of its addresses are public", async (t) => {
    const resolve = t.mock.fn(async () => ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]);
    const { send, sentTo } = recordingSender({ resolve });
    assert.deepEqual(await send(messageTo(url)), { delivered: true, status: 200 });
    assert.deepEqual(
      resolve.mock.calls.map((call) => call.arguments),
      [["rp.example.com"]],
    );
    assert.deepEqual(sentTo, [url]);
  });

  test("an address isn't looked up", async () => {
    const { send } = recordingSender({ resolve: () => assert.fail("looked up") });
    assert.deepEqual(await send(messageTo("https://93.184.216.34/logout")), {
      delivered: true,
      status: 200,
    });
  });

  test("nothing is looked up if private addresses are allowed", async () => {
    const { send } = recordingSender({
      resolve: () => assert.fail("looked up"),
      allowInsecure: { privateAddresses: true },
    });
    assert.deepEqual(await send(messageTo(url)), { delivered: true, status: 200 });
  });

  const points = (address) => ({
    retry: false,
    error: `\`backChannelLogoutUri\` points to \`rp.example.com\` at \`${address}\`, which is not a public address`,
  });
  const wrongShape = { retry: false, error: "`resolve` must return an array of addresses" };
  for (const [name, resolve, outcome] of [
    ["one address is private", () => ["93.184.216.34", "10.0.0.1"], points("10.0.0.1")],
    ["an address is mapped", async () => ["::ffff:127.0.0.1"], points("::ffff:127.0.0.1")],
    ["an address has a zone", () => ["fe80::1%eth0"], points("fe80::1%eth0")],
    ["an address isn't one", () => ["rp.example.net"], points("rp.example.net")],
    ["there is no address", () => [], { retry: true, error: "`rp.example.com` has no address" }],
    ["it returns one address", () => "93.184.216.34", wrongShape],
    ["it returns nothing", () => undefined, wrongShape],
    ["it returns objects", () => [{ address: "93.184.216.34", family: 4 }], wrongShape],
    [
      "it rejects",
      () => Promise.reject(Object.assign(new Error("rp"), { code: "ENOTFOUND" })),
      { retry: true, error: "`resolve` failed: ENOTFOUND" },
    ],
    [
      "it throws",
      () => {
        throw Object.assign(new Error("rp"), { code: "ENOTFOUND" });
      },
      { retry: true, error: "`resolve` failed: ENOTFOUND" },
    ],
    [
      "it never settles",
      () => new Promise(() => {}),
      { retry: true, error: "no answer within 50 ms" },
    ],
  ]) {
    test(`a name is sent nothing if ${name}`, async () => {
      const { send, sentTo } = recordingSender({ resolve, timeout: 50 });
      assert.deepEqual(await send(messageTo(url)), { delivered: false, ...outcome });
      assert.deepEqual(sentTo, []);
    });
  }
});

test("a local server is sent nothing without `allowInsecure`", async (t) => {
  const party = await relyingParty(t, undefined, { tls: true });
  const outcome = await localSender({ allowInsecure: false })(messageTo(party.uri));
  assert.equal(outcome.delivered, false);
  assert.equal(party.requests.length, 0);
});

test("isPublicAddress accepts only addresses", () => {
  for (const address of [
    "93.184.216.34",
    "2606:2800:220:1:248:1893:25c8:1946",
    "64:ff9b::5db8:d822",
  ]) {
    assert.equal(isPublicAddress(address), true, address);
  }
  for (const address of [
    "127.0.0.1",
    "::1",
    "rp.example.com",
    "[2606:2800:220:1::1]",
    "93.184.216.34/32",
    "",
  ]) {
    assert.equal(isPublicAddress(address), false, address);
  }
});
