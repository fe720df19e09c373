// Tickets as bytes: every string round-trips, and a ticket that the core sealed takes less space.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ticketFromHex, ticketToHex } from "../../pkg/sql/ticket-bytes.js";

const comesBack = (ticket) => {
  const hex = ticketToHex(ticket);
  assert.match(hex, /^([0-9a-f]{2})*$/);
  assert.equal(ticketFromHex(hex), ticket);
};

/** A ticket as the core seals it. */
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
  test("round-trips for every string", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), comesBack));
    // Strings that are nearly in the form of a sealed ticket.
    const almost = fc.stringMatching(
      /^[01v]?[.1]?[A-Za-z0-9_=+/-]{0,300}\.{0,2}[A-Za-z0-9_=+/-]{0,20}\n?$/,
    );
    fc.assert(fc.property(almost, comesBack));
  });

  test("takes one byte for each sealed byte, and a few for the prefix", () => {
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

  test("round-trips exactly, even if no encoder makes the base64url", () => {
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
    // The last bits encode nothing, but the strings differ.
    assert.notEqual(ticketToHex("1.key.AB"), ticketToHex("1.key.AA"));
  });

  test("decodes bytes that no ticket has to some string", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(typeof ticketFromHex(Buffer.from(bytes).toString("hex")), "string");
      }),
    );
  });
});
