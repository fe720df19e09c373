/**
 * The two ciphers of tickets: one for Node and one for all other hosts. Each opens the tickets that
 * the other sealed, and both refuse the same.
 */

import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { webCipher } from "../../pkg/cipher/web-cipher.js";
import { nodeCipher } from "../../pkg/entry/node-cipher.js";
import { run } from "../hosts/tools.mjs";

const KEY = new Uint8Array(32).fill(7);
const BOUND = new TextEncoder().encode("the row");
const TEXTS = ["", "null", "{}", '"Älice 😀"', "x".repeat(100_000)];

const CIPHERS = { "`node:crypto`": nodeCipher, WebCrypto: webCipher };

for (const [sealing, cipherToSeal] of Object.entries(CIPHERS)) {
  describe(`a ticket sealed with ${sealing}`, () => {
    test("is a nonce of 12 bytes, the text and a tag of 16 bytes", async () => {
      for (const text of TEXTS) {
        const sealed = await cipherToSeal(KEY).seal(text, BOUND);
        assert.match(sealed, /^[\w-]+$/);
        const bytes = Buffer.from(sealed, "base64url");
        assert.equal(bytes.length, 12 + Buffer.byteLength(text) + 16);
        const decipher = createDecipheriv("aes-256-gcm", KEY, bytes.subarray(0, 12))
          .setAAD(BOUND)
          .setAuthTag(bytes.subarray(-16));
        const opened = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
        assert.equal(opened.toString(), text);
      }
    });

    test("has a fresh nonce each time", async () => {
      const cipher = cipherToSeal(KEY);
      const sealed = await Promise.all(Array.from({ length: 100 }, () => cipher.seal("", BOUND)));
      assert.equal(new Set(sealed.map((ticket) => ticket.slice(0, 16))).size, 100);
    });

    for (const [opening, cipherToOpen] of Object.entries(CIPHERS)) {
      test(`opens with ${opening}`, async () => {
        const [sealer, opener] = [cipherToSeal(KEY), cipherToOpen(KEY)];
        for (const text of TEXTS) {
          assert.equal(await opener.open(await sealer.seal(text, BOUND), BOUND), text);
        }
      });

      test(`doesn't open with ${opening} in another row, or under another key`, async () => {
        const sealed = await cipherToSeal(KEY).seal("hers", BOUND);
        const [otherKey, otherRow] = [new Uint8Array(32).fill(8), BOUND.slice(1)];
        assert.equal(await cipherToOpen(otherKey).open(sealed, BOUND), undefined);
        for (const bound of [otherRow, new Uint8Array(0)]) {
          assert.equal(await cipherToOpen(KEY).open(sealed, bound), undefined);
        }
      });

      test(`doesn't open with ${opening} if a byte is changed, missing or added`, async () => {
        const opener = cipherToOpen(KEY);
        const bytes = Buffer.from(await cipherToSeal(KEY).seal("hers", BOUND), "base64url");
        const damaged = [
          ...Array.from(bytes, (byte, index) => bytes.with(index, byte ^ 1)),
          ...Array.from(bytes, (_, length) => bytes.subarray(0, length)),
          Buffer.concat([bytes, Buffer.alloc(1)]),
        ];
        for (const bytes of damaged) {
          const sealed = Buffer.from(bytes).toString("base64url");
          assert.equal(await opener.open(sealed, BOUND), undefined, sealed);
        }
      });
    }
  });
}

for (const [name, cipherUnder] of Object.entries(CIPHERS)) {
  test(`${name} accepts only base64url without padding`, async () => {
    const cipher = cipherUnder(KEY);
    let sealed;
    do {
      // Repeats until there is a character that base64 writes differently.
      sealed = await cipher.seal("hers", BOUND);
    } while (!sealed.includes("-"));
    assert.equal(await cipher.open(sealed, BOUND), "hers");
    for (const other of [sealed.replace("-", "+"), `${sealed}=`, `${sealed}\n`, ` ${sealed}`]) {
      assert.equal(await cipher.open(other, BOUND), undefined, other);
    }
  });

  test(`${name} accepts no tag that is shorter than 16 bytes`, async () => {
    const nonce = new Uint8Array(12);
    for (const authTagLength of [4, 8, 12, 13, 14, 15]) {
      const cipher = createCipheriv("aes-256-gcm", KEY, nonce, { authTagLength }).setAAD(BOUND);
      const text = Buffer.concat([cipher.update("hers"), cipher.final()]);
      const sealed = Buffer.concat([nonce, text, cipher.getAuthTag()]).toString("base64url");
      assert.equal(await cipherUnder(KEY).open(sealed, BOUND), undefined, `${authTagLength}`);
    }
  });
}

test("`node:crypto` returns plain results, and WebCrypto promises", async () => {
  for (const [cipherUnder, isValue] of [
    [nodeCipher, true],
    [webCipher, false],
  ]) {
    const cipher = cipherUnder(KEY);
    const sealing = cipher.seal("hers", BOUND);
    const opening = cipher.open(await sealing, BOUND);
    assert.equal(typeof sealing === "string", isValue);
    assert.equal(typeof opening === "string", isValue);
    assert.equal(await opening, "hers");
  }
});

describe("the package on Node", () => {
  const pkg = fileURLToPath(new URL("../../pkg/", import.meta.url));
  const core = new URL("../../pkg/core_bg.wasm", import.meta.url).href;
  const memoryCore = new URL("../../pkg/memory_core_bg.wasm", import.meta.url).href;

  /** Runs code in a new process. It finds the package as `rollcall`, as a user does. */
  const program = async (conditions, entry, code) => {
    const beginning = `
      const rollcall = await import("${entry}");
      const memory = await import("${entry.replace("rollcall", "rollcall/memory")}");
      const { readFile } = await import("node:fs/promises");
      await rollcall.initialize?.(await readFile(new URL("${core}")));
      await memory.initialize?.(await readFile(new URL("${memoryCore}")));
      const stores = memory.memoryStores();
      const keys = { current: "k1", keys: { k1: new Uint8Array(32).fill(7) } };
      const tickets = new rollcall.TicketStore(stores, { keys });`;
    const args = ["--input-type=module", "--eval", countingCalls + beginning + code];
    return JSON.parse(await run(process.execPath, [...conditions, ...args], { cwd: pkg }));
  };
  const countingCalls = `
    const calls = {};
    for (const [name, method] of Object.entries(Object.getOwnPropertyDescriptors(SubtleCrypto.prototype))) {
      if (name !== "constructor" && typeof method.value === "function") {
        crypto.subtle[name] = (...args) => {
          calls[name] = (calls[name] ?? 0) + 1;
          return method.value.apply(crypto.subtle, args);
        };
      }
    }`;
  const everyCall = `
    const cookie = await tickets.store({ subjectId: "alice", ticket: { name: "Alice" } });
    await tickets.renew(cookie, { ticket: { name: "Älice" } });
    const { ticket } = await tickets.retrieve(cookie);
    const management = new rollcall.SessionManagement(stores, { keys });
    const { results } = await management.querySessions({ includeTicket: true });
    console.log(JSON.stringify({ calls, tickets: [ticket, results[0].authenticationTicket] }));`;
  const tickets = [{ name: "Älice" }, { name: "Älice" }];

  for (const entry of ["rollcall", "rollcall/slim", "rollcall/inline"]) {
    test(`makes no call to WebCrypto for a ticket with \`${entry}\``, async () => {
      assert.deepEqual(await program([], entry, everyCall), { calls: {}, tickets });
    });
  }

  const hosts = {
    "`node:crypto`": [[], "rollcall"],
    // With this condition, Node loads the file that bundlers choose for browsers.
    WebCrypto: [["--conditions=browser"], "rollcall/inline"],
  };

  test("imports a key with WebCrypto once in each service", async () => {
    const calls = { importKey: 2, encrypt: 2, decrypt: 2 };
    assert.deepEqual(await program(...hosts.WebCrypto, everyCall), { calls, tickets });
  });

  for (const [sealing, sealingHost] of Object.entries(hosts)) {
    for (const [opening, openingHost] of Object.entries(hosts)) {
      test(`retrieves with ${opening} a ticket that it stored with ${sealing}`, async () => {
        const [cookie, row] = await program(
          ...sealingHost,
          `const cookie = await tickets.store({ subjectId: "alice", ticket: { name: "Älice" } });
          const { sessions } = await stores.sessions.list({ filter: {}, order: "oldest", limit: 1 });
          console.log(JSON.stringify([cookie, sessions[0]]));`,
        );
        const ticket = await program(
          ...openingHost,
          `await stores.sessions.create(${JSON.stringify(row)});
          console.log(JSON.stringify((await tickets.retrieve("${cookie}")).ticket));`,
        );
        assert.deepEqual(ticket, { name: "Älice" });
      });
    }
  }
});
