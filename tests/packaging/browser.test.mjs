// `rollcall/logout` in a page, from the files of the package and without an import map.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { resultOfPage } from "../hosts/chromium.mjs";
import { Unavailable } from "../hosts/tools.mjs";

const built = fileURLToPath(new URL("../../pkg", import.meta.url));

test("the sender for browsers is where the condition `browser` leads", async () => {
  const { exports } = JSON.parse(await readFile(join(built, "package.json"), "utf8"));
  assert.equal(exports["./logout"].browser, "./entry/logout-browser.js");
  const source = await readFile(join(built, "entry/logout-browser.js"), "utf8");
  const imported = [...source.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)];
  assert.deepEqual([...new Set(imported.map(([, name]) => name))], ["../errors.js"]);
});

test("a page signs and sends a logout token with it", async (t) => {
  const page = `<script type="module">
    import { RollcallError } from "/errors.js";
    import { backChannelSender, isPublicAddress } from "/entry/logout-browser.js";

    const { privateKey } = await crypto.subtle.generateKey(
      { name: "ECDSA", namedCurve: "P-256" }, true, ["sign"],
    );
    const key = { ...await crypto.subtle.exportKey("jwk", privateKey), kid: "1", alg: "ES256" };
    const sent = [];
    const fetch = async (url, { body }) => {
      sent.push(new URLSearchParams(String(body)).get("logout_token").split(".").length);
      return new Response(null, { status: 204 });
    };
    const send = backChannelSender({
      issuer: "https://id.example.com", signingKeys: [key], fetch, allowInsecure: true,
    });
    const outcome = await send({
      clientId: "shop",
      client: {
        clientId: "shop",
        backChannelLogoutUri: "https://shop.example.com/logout",
        idTokenSignedResponseAlg: "ES256",
      },
      claims: { iss: "https://id.example.com", aud: "shop", iat: 1, exp: 2, jti: "1", sub: "bob",
        events: { "http://schemas.openid.net/event/backchannel-logout": {} } },
    });
    let isRollcallError = false;
    try {
      backChannelSender({});
    } catch (error) {
      isRollcallError = error instanceof RollcallError;
    }
    globalThis.result = { outcome, sent, isRollcallError, isPublic: isPublicAddress("10.0.0.1") };
  </script>`;
  try {
    const { version: _, ...result } = await resultOfPage(built, page);
    assert.deepEqual(result, {
      outcome: { delivered: true, status: 204 },
      sent: [3],
      isRollcallError: true,
      isPublic: false,
    });
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    t.skip(error.message);
  }
});
