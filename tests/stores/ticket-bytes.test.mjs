// Tickets as bytes: whatever the text, it comes back, and what the core seals takes less space.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ticketFromHex, ticketToHex } from "../../pkg/sql/ticket-bytes.js";

const comesBack = (ticket) => {
  const hex = ticketToHex(ticket);
  assert.match(hex, /^([0-9a-f]{2})*$/);
  assert.equal(ticketFromHex(hex), ticket);
};

/** As the core seals one. */
const sealed = fc
  .record({
    keyId: fc.stringMatching(/^[A-Za-z0-9_-]{1,255}$/),
    body: fc.uint8Array({ minLength: 1, maxLength: 500 }),
  })
  .map(({ keyId, body }) => ({
    keyId,
    body,
    ticket: `1.${keyId}.${Buffer.from(body).toString("base64url")}`,
  }));

describe("a ticket as bytes", () => {
  test("comes back, whatever text it is", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), comesBack));
    // Strings that are almost in the form of a sealed ticket.
    const almost = fc.stringMatching(
      /^[01v]?[.1]?[A-Za-z0-9_=+/-]{0,300}\.{0,2}[A-Za-z0-9_=+/-]{0,20}\n?$/,
    );
    fc.assert(fc.property(almost, comesBack));
  });

  test("takes a byte for each byte that was sealed, and few for what is in front", () => {
    fc.assert(
      fc.property(sealed, ({ keyId, body, ticket }) => {
        comesBack(ticket);
        assert.equal(ticketToHex(ticket).length / 2, 2 + keyId.length + body.length);
      }),
    );
    const ticket = `1.key.${Buffer.alloc(3_000, 5).toString("base64url")}`;
    const share = ticketToHex(ticket).length / 2 / ticket.length;
    assert.ok(share > 0.749 && share < 0.751, `${share}`);
  });

  test("comes back exactly where the base64url is none that an encoder makes", () => {
    for (const ticket of [
      "1.key.AB",
      "1.key.AAB",
      "1.key.A",
      "1.key.AAAAA",
      "1.key.AA==",
      "1.key.AA=",
      "1.key.A+/A",
      "1.key.AA\n",
      "1.key.",
      "1..AA",
      "1.AA",
      "2.key.AA",
      "1.key.AA.AA",
      "1.a.b.AA",
      `1.${"k".repeat(256)}.AA`,
      "\u0000",
      "\ufeff1.key.AA",
      "\ufeff",
      "",
    ]) {
      comesBack(ticket);
    }
    // The last bits stand for nothing, and yet the text differs.
    assert.notEqual(ticketToHex("1.key.AB"), ticketToHex("1.key.AA"));
  });

  test("gives some text for bytes that no ticket has", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(typeof ticketFromHex(Buffer.from(bytes).toString("hex")), "string");
      }),
    );
  });
});
