// How the client's answer is read: OpenID Connect Back-Channel Logout 1.0, sections 2.5 and 2.8.
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import {
  answering,
  deadline,
  deferred,
  localSender,
  messageTo,
  relyingParty,
  TRANSPORTS,
} from "./support.mjs";

const failed = (status, retry, more = {}) => ({
  delivered: false,
  retry,
  status,
  error: `the client answered ${status}`,
  ...more,
});

for (const [means, transport] of Object.entries(TRANSPORTS)) {
  describe(means, () => {
    describe("the request", () => {
      test("is a form with only the field `logout_token`, and has no cookies of the host", async (t) => {
        const party = await answering(t, 200, { headers: { "set-cookie": "seen=yes; Path=/" } });
        const send = localSender(transport(t));
        await send(messageTo(`${party.uri}?tenant=1`));
        await send(messageTo(`${party.uri}?tenant=1`));
        const [first, second] = party.requests;
        assert.equal(first.method, "POST");
        assert.equal(first.path, "/logout?tenant=1");
        assert.equal(first.headers["content-type"], "application/x-www-form-urlencoded");
        assert.equal(first.headers.accept, "application/json");
        assert.deepEqual([...new URLSearchParams(first.body).keys()], ["logout_token"]);
        for (const name of ["cookie", "authorization", "referer", "origin"]) {
          assert.equal(second.headers[name], undefined, name);
        }
      });

      test("goes to the address of the notification, or else to the registered one", async (t) => {
        const [noted, registered] = [await relyingParty(t), await relyingParty(t)];
        const client = { backChannelLogoutUri: registered.uri };
        await localSender(transport(t))(messageTo(noted.uri, { client }));
        assert.deepEqual([noted.requests.length, registered.requests.length], [1, 0]);
        const message = messageTo(noted.uri, { client });
        delete message.logoutUri;
        await localSender(transport(t))(message);
        assert.deepEqual([noted.requests.length, registered.requests.length], [1, 1]);
      });

      test("is not sent without a logout URI", async (t) => {
        const message = messageTo("");
        delete message.logoutUri;
        const outcome = await localSender(transport(t))(message);
        assert.deepEqual(outcome, {
          delivered: false,
          retry: false,
          error: "the client has no `backChannelLogoutUri`",
        });
      });
    });

    describe("the status", () => {
      for (const status of [200, 204]) {
        test(`${status} is success`, async (t) => {
          const party = await answering(t, status);
          assert.deepEqual(await localSender(transport(t))(messageTo(party.uri)), {
            delivered: true,
            status,
          });
        });
      }

      for (const status of [201, 202, 206, 400, 401, 403, 404, 405, 410, 415, 422]) {
        test(`${status} is a permanent failure`, async (t) => {
          const party = await answering(t, status);
          assert.deepEqual(
            await localSender(transport(t))(messageTo(party.uri)),
            failed(status, false),
          );
          assert.equal(party.requests.length, 1);
        });
      }

      for (const status of [408, 425, 429, 500, 501, 502, 503, 504, 599]) {
        test(`${status} is a temporary failure`, async (t) => {
          const party = await answering(t, status);
          assert.deepEqual(
            await localSender(transport(t))(messageTo(party.uri)),
            failed(status, true),
          );
          assert.equal(party.requests.length, 1);
        });
      }

      for (const status of [300, 301, 302, 303, 304, 307, 308]) {
        test(`${status} is not followed, and is a permanent failure`, async (t) => {
          const elsewhere = await relyingParty(t);
          const party = await answering(t, status, { headers: { location: elsewhere.uri } });
          const { host } = new URL(party.uri);
          assert.deepEqual(
            await localSender(transport(t))(messageTo(party.uri)),
            failed(status, false, { error: `\`${host}\` redirects, which is not followed` }),
          );
          assert.equal(elsewhere.requests.length, 0);
        });
      }
    });

    describe("Retry-After", () => {
      const day = 86_400;
      for (const [value, seconds] of [
        ["0", 0],
        ["120", 120],
        [" 7 ", 7],
        [String(day), day],
        ["9999999999999999999999", day],
        ["Wed, 01 Jan 2098 00:00:00 GMT", day],
        ["Friday, 01-Jan-49 00:00:00 GMT", day],
        ["Wed Jan  1 00:00:00 2098", day],
        ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
        ["Sun Nov  6 08:49:37 1994", 0],
        ["", undefined],
        ["-5", undefined],
        ["1.5", undefined],
        ["soon", undefined],
        ["2098-01-01", undefined],
        ["Monday", undefined],
      ]) {
        test(`\`${value}\` means ${seconds === undefined ? "nothing" : `${seconds} seconds`}`, async (t) => {
          const party = await answering(t, 503, { headers: { "retry-after": value } });
          const expected = failed(503, true, seconds === undefined ? {} : { retryAfter: seconds });
          assert.deepEqual(await localSender(transport(t))(messageTo(party.uri)), expected);
        });
      }

      for (const [status, meant] of [
        [429, true],
        [503, true],
        [500, false],
        [400, false],
      ]) {
        test(`is ${meant ? "respected" : "ignored"} with ${status}`, async (t) => {
          const party = await answering(t, status, { headers: { "retry-after": "30" } });
          const expected = failed(status, status !== 400, meant ? { retryAfter: 30 } : {});
          assert.deepEqual(await localSender(transport(t))(messageTo(party.uri)), expected);
        });
      }

      const weekday = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" });
      const inAMinute = () => new Date(Date.now() + 60_000);
      for (const [name, format] of [
        ["the current form", (date) => date.toUTCString()],
        // Wednesday, 25-Nov-26 01:02:03 GMT
        [
          "the form of RFC 850",
          (date) =>
            date
              .toUTCString()
              .replace(/^(\w+), (\d+) (\w+) \d\d(\d+)/, `${weekday.format(date)}, $2-$3-$4`),
        ],
        // Wed Nov 25 01:02:03 2026
        [
          "the form of asctime",
          (date) =>
            date.toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, "$1 $3 $2 $5 $4"),
        ],
      ]) {
        test(`as a date in ${name} is relative to now, in GMT in any time zone of the host`, async (t) => {
          const { TZ } = process.env;
          process.env.TZ = "Pacific/Honolulu";
          t.after(() => {
            if (TZ === undefined) {
              delete process.env.TZ;
            } else {
              process.env.TZ = TZ;
            }
          });
          const party = await answering(t, 429, {
            headers: { "retry-after": format(inAMinute()) },
          });
          const { retryAfter } = await localSender(transport(t))(messageTo(party.uri));
          assert.ok(
            Number.isInteger(retryAfter) && retryAfter > 0 && retryAfter <= 60,
            `${retryAfter}`,
          );
        });
      }
    });

    describe("the client's reason", () => {
      for (const [name, body, words] of [
        [
          "error and description",
          { error: "invalid_request", error_description: "Unknown issuer" },
          ": `invalid_request` (`Unknown issuer`)",
        ],
        ["error alone", { error: "invalid_request" }, ": `invalid_request`"],
        ["description alone", { error_description: "Unknown issuer" }, " (`Unknown issuer`)"],
        ["neither", { message: "no" }, ""],
        ["values that aren't strings", { error: 1, error_description: { toString: "x" } }, ""],
        ["no object", "no", ""],
        ["null", null, ""],
        ["line ends", { error: "a\r\nb\u2028c" }, ": `a b c`"],
        ["control characters", { error: "a\u0000\u001b[31mb\u007f" }, ": `a [31mb `"],
        ["direction marks", { error: "a\u202eb" }, ": `a b`"],
        ["an unpaired surrogate", { error: "a\ud800b" }, ": `a b`"],
        ["another alphabet", { error_description: "签名无效 🔑" }, " (`签名无效 🔑`)"],
      ]) {
        test(`with ${name} is reported in one printable line`, async (t) => {
          const party = await answering(t, 400, { body: JSON.stringify(body) });
          const expected = failed(400, false, { error: `the client answered 400${words}` });
          assert.deepEqual(await localSender(transport(t))(messageTo(party.uri)), expected);
        });
      }

      test("that isn't JSON is omitted", async (t) => {
        const party = await answering(t, 400, { body: "<h1>Bad request</h1>" });
        assert.deepEqual(await localSender(transport(t))(messageTo(party.uri)), failed(400, false));
      });

      test("is truncated at 500 characters, and not within one", async (t) => {
        const party = await answering(t, 400, {
          body: JSON.stringify({ error: "🔑".repeat(600) }),
        });
        const { error } = await localSender(transport(t))(messageTo(party.uri));
        assert.equal(error, `the client answered 400: \`${"🔑".repeat(473)}…`);
        assert.equal([...error].length, 500);
      });

      test("never contains the token or a part of it", async (t) => {
        const party = await relyingParty(t, (_, response) => {
          const token = party.token();
          const [header, payload, signature] = token.split(".");
          response.writeHead(400).end(
            JSON.stringify({
              error: token,
              error_description: `${signature} ${payload} ${header}`,
            }),
          );
        });
        const { error } = await localSender(transport(t))(messageTo(party.uri));
        assert.equal(error, "the client answered 400: `…` (`… … …`)");
      });

      for (const [name, cutOut] of [
        ["the payload's first 100 characters", ([, payload]) => payload.slice(0, 100)],
        ["the signature's last 65 characters", ([, , signature]) => signature.slice(-65)],
        ["16 characters from the middle", ([, payload]) => payload.slice(40, 56)],
        [
          "the seam of two parts",
          ([, payload, signature]) => `${payload.slice(-8)}.${signature.slice(0, 7)}`,
        ],
      ]) {
        test(`never contains ${name}`, async (t) => {
          const party = await relyingParty(t, (_, response) => {
            const piece = cutOut(party.token().split("."));
            response.writeHead(400).end(JSON.stringify({ error: `bad:${piece}!` }));
          });
          const { error } = await localSender(transport(t))(messageTo(party.uri));
          assert.equal(error, "the client answered 400: `bad:…!`");
        });
      }

      test("contains shorter strings of the token, and strings that no token has", async (t) => {
        let piece;
        const party = await relyingParty(t, (_, response) => {
          piece = party.token().slice(100, 115);
          response.writeHead(400).end(JSON.stringify({ error: piece }));
        });
        const { error } = await localSender(transport(t))(messageTo(party.uri));
        assert.equal(error, `the client answered 400: \`${piece}\``);
      });
    });

    describe("the body", () => {
      test("is read up to 4 KiB", async (t) => {
        // A body one byte below 4 KiB is read completely, so the reason is found. From 4 KiB on it
        // isn't.
        const ofSize = (size) => {
          const start = '{"error":"too_long","padding":"';
          return `${start}${"x".repeat(size - start.length - 2)}"}`;
        };
        for (const [size, words] of [
          [4_095, ": `too_long`"],
          [4_097, ""],
          [1_048_576, ""],
        ]) {
          const body = ofSize(size);
          assert.equal(body.length, size);
          const party = await answering(t, 400, { body });
          const expected = failed(400, false, { error: `the client answered 400${words}` });
          assert.deepEqual(
            await localSender(transport(t))(messageTo(party.uri)),
            expected,
            `${size}`,
          );
        }
      });

      for (const [status, expected] of [
        [200, { delivered: true, status: 200 }],
        [400, failed(400, false)],
      ]) {
        test(`that is endless after ${status} is abandoned`, async (t) => {
          const ended = deferred();
          const party = await relyingParty(t, async (_, response) => {
            response.once("close", ended.resolve);
            response.writeHead(status);
            while (!response.destroyed) {
              response.write("x".repeat(1_024)) ||
                (await Promise.race([once(response, "drain"), ended.promise]));
            }
          });
          assert.deepEqual(
            await localSender({ timeout: 120_000, ...transport(t) })(messageTo(party.uri)),
            expected,
          );
          await ended.promise;
        });

        test(`that stalls after ${status} doesn't change the outcome`, async (t) => {
          const { timeout, expire } = deadline(t);
          const ended = deferred();
          const party = await relyingParty(t, (_, response) => {
            response.once("close", ended.resolve);
            response.writeHead(status).write('{"error":');
          });
          // A success is reported at once, so its attempt never times out.
          const options = { timeout, ...transport(t, status === 200 ? undefined : expire) };
          assert.deepEqual(await localSender(options)(messageTo(party.uri)), expected);
          await ended.promise;
        });

        test(`that breaks off after ${status} doesn't change the outcome`, async (t) => {
          const party = await relyingParty(t, (_, response) => {
            response.writeHead(status, { "content-length": "1000" });
            response.write("x", () => response.destroy());
          });
          assert.deepEqual(await localSender(transport(t))(messageTo(party.uri)), expected);
        });
      }
    });
  });
}

test("a redirect is a failure in a browser too, where its status is unknown", async () => {
  const opaque = { type: "opaqueredirect", status: 0, headers: new Headers(), body: null };
  const outcome = await localSender({ fetch: async () => opaque })(
    messageTo("https://rp.example.com/logout"),
  );
  assert.deepEqual(outcome, {
    delivered: false,
    retry: false,
    error: "`rp.example.com` redirects, which is not followed",
  });
});
