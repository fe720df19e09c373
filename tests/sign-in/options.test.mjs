/** The options that `sessionCookie` refuses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionCookie as forExpress } from "rollcall/express";
import { sessionCookie as forHono } from "rollcall/hono";
import { provider } from "./support.mjs";

const { tickets } = provider();

const REFUSED = {
  "an unknown option": [{ ticket: tickets }, /unknown option `ticket`/],
  "a ticket store that isn't one": [{ tickets: {} }, /`tickets` must be a `TicketStore`/],
  "a coordination that isn't one": [
    { tickets, coordination: {} },
    /`coordination` must be a `SessionCoordination`/,
  ],
  "an unknown option of the cookie": [
    { tickets, cookie: { domain: "example.com" } },
    /^`cookie`: unknown option `domain`; the options are `name`, `sameSite`, `persistent`, `insecure`$/,
  ],
  "a cookie that isn't an object": [
    { tickets, cookie: "session" },
    /`cookie` must be a plain object/,
  ],
  "an invalid name": [{ tickets, cookie: { name: "a b" } }, /`name` must be the name/],
  "an empty name": [{ tickets, cookie: { name: "" } }, /`name` must be the name/],
  "another `SameSite`": [{ tickets, cookie: { sameSite: "lax" } }, /"Lax", "Strict" or "None"/],
  "`None` with `insecure`": [
    { tickets, cookie: { sameSite: "None", insecure: true } },
    /^`sameSite` can't be "None" with `insecure`/,
  ],
  "a prefix with `insecure`": [
    { tickets, cookie: { name: "__host-session", insecure: true } },
    /^`name` can't be `__host-session` with `insecure`/,
  ],
  "another prefix with `insecure`": [
    { tickets, cookie: { name: "__Secure-session", insecure: true } },
    /with `insecure`/,
  ],
  "`insecure` that isn't a boolean": [{ tickets, cookie: { insecure: 1 } }, /`insecure` must be/],
  "`persistent` that is a number": [{ tickets, cookie: { persistent: 1 } }, /`persistent` must be/],
};

for (const [what, [options, message]] of Object.entries(REFUSED)) {
  test(`${what} is refused`, (t) => {
    const { mock } = t.mock.method(console, "warn", () => {});
    for (const sessionCookie of [forExpress, forHono]) {
      assert.throws(() => sessionCookie(options), { code: "invalid_argument", message });
    }
    assert.equal(mock.callCount(), 0);
  });
}

test("`None` is accepted with `Secure`", () => {
  forExpress({ tickets, cookie: { sameSite: "None" } });
});
