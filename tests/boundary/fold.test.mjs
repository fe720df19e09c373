/**
 * Names are folded by the host in the module and by Rust elsewhere. Both follow the Unicode
 * Standard, section 3.13. The module also composes them (NFC).
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { foldText, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { KEYS } from "./support.mjs";

test("a string is folded as the Unicode Standard says, regardless of the host's language", () => {
  const folded = {
    "": "",
    "Bob SMITH-42": "bob smith-42",
    ÄÖÜẞ: "äöüß",
    "ΟΔΥΣΣΕΥΣ ΣΑΣ": "οδυσσευσ σασ",
    οδυσσεύς: "οδυσσεύσ",
    İI: "ii",
    "I\u0307": "i",
    Jose\u0301: "josé",
    José: "josé",
    "ǅ \u{10400}": "ǆ \u{10428}",
    "名前 💥": "名前 💥",
  };
  for (const [text, expected] of Object.entries(folded)) {
    assert.equal(foldText(text), expected);
  }
});

test("a folded name is no longer than the name", () => {
  for (const text of ["İ", "I\u0307", "\u0958", "ﬃ", "ŉ", "ΐ", "\ufb1d"])
    assert.ok([...foldText(text.repeat(300))].length <= [...text].length * 300, text);
});

test("a name is found by a part of it in any normalization form", async () => {
  const stores = memoryStores();
  const tickets = new TicketStore(stores, { keys: KEYS });
  await tickets.store({ subjectId: "1", displayName: "ΝΙΚΟΣΙΑ" });
  await tickets.store({ subjectId: "2", displayName: "Jose\u0301 García" });
  const management = new SessionManagement(stores);
  for (const [displayName, subjectId] of [
    ["ΝΙΚΟΣ", "1"],
    ["νικος", "1"],
    ["José", "2"],
    ["JOSE\u0301", "2"],
  ]) {
    const { results } = await management.querySessions({ displayName });
    assert.deepEqual(
      results.map((session) => session.subjectId),
      [subjectId],
      displayName,
    );
  }
});
