/**
 * Names are folded by the host in the module and by Rust elsewhere: both follow the Unicode
 * Standard, section 3.13.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { foldText } from "../../pkg/entry/node.js";

test("a text is folded as the Unicode Standard says, whatever the language of the host", () => {
  const folded = {
    "": "",
    "Bob SMITH-42": "bob smith-42",
    ÄÖÜẞ: "äöüß",
    "ΟΔΥΣΣΕΥΣ ΣΑΣ": "οδυσσευς σας",
    İI: "i\u0307i",
    "ǅ \u{10400}": "ǆ \u{10428}",
    "名前 💥": "名前 💥",
  };
  for (const [text, expected] of Object.entries(folded)) {
    assert.equal(foldText(text), expected);
  }
});
