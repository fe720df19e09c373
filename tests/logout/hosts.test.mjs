// The sender on each host, with the host's `fetch` and cryptography. Hosts differ in how they
// report a redirect, in the options that they accept, and in how a connection ends.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compactDecrypt, createLocalJWKSet, importJWK, jwtVerify } from "jose";
import { chromium as browserType } from "playwright-core";
import { bunPath, chromiumPath, denoPath, run, Unavailable, workerdPath } from "../hosts/tools.mjs";
import { answering, ISSUER, keyPair, messageTo, refusingUri, relyingParty } from "./support.mjs";

const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const PROGRAM = fileURLToPath(new URL("fixtures/host-program.mjs", import.meta.url));
/** Allows a page of another origin to send and to read the answer. */
const CORS = { "access-control-allow-origin": "*" };

const providerKeys = await Promise.all(ALGORITHMS.map((alg) => keyPair(alg)));
const clientKey = await keyPair("ECDH-ES");

const hosts = {
  Deno: ({ bundle }) =>
    lastLine(denoPath(), ["run", "--no-prompt", "--no-remote", "--allow-net=127.0.0.1", bundle]),
  Bun: ({ bundle }) => lastLine(bunPath(), ["run", bundle]),
  workerd: async ({ folder }) => {
    const configuration = join(folder, "config.capnp");
    // Except in tests, Workers reach only public addresses.
    await writeFile(
      configuration,
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [
  (name = "main", worker = .worker),
  (name = "internet", network = (allow = ["private"])),
]);
const worker :Workerd.Worker = (
  modules = [(name = "main", esModule = embed "bundle.mjs")],
  compatibilityDate = "2025-11-01",
  globalOutbound = "internet",
);
`,
    );
    return lastLine(workerdPath(), ["test", configuration]);
  },
  Chromium: async ({ bundle, t }) => {
    const executablePath = chromiumPath();
    const script = await readFile(bundle);
    const site = await relyingParty(t, ({ url }, response) =>
      url === "/bundle.mjs"
        ? response.writeHead(200, { "content-type": "text/javascript" }).end(script)
        : response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>"),
    );
    const browser = await browserType.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await browser.newPage();
      await page.goto(site.origin);
      return await page.evaluate(() => import("/bundle.mjs").then(({ sendAll }) => sendAll()));
    } finally {
      await browser.close();
    }
  },
};

async function lastLine(program, args) {
  const output = await run(program, args, {
    env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  });
  return JSON.parse(
    output
      .trimEnd()
      .split("\n")
      .findLast((line) => line.startsWith("{")),
  );
}

/**
 * Bundles the program with its input into one self-contained file. It prints the outcomes, and
 * exports the test of a Worker.
 */
async function bundled(folder, input) {
  const bundle = join(folder, "bundle.mjs");
  const entry = `
    import { sendAll } from ${JSON.stringify(PROGRAM)};
    const print = async () => console.log(JSON.stringify(await sendAll()));
    if (globalThis.Deno || globalThis.Bun) await print();
    export { sendAll };
    export default { test: print };
  `;
  await build({
    stdin: { contents: entry, resolveDir: folder },
    outfile: bundle,
    bundle: true,
    format: "esm",
    define: { INPUT: JSON.stringify(input) },
    logLevel: "warning",
  });
  return bundle;
}

for (const [host, sendOn] of Object.entries(hosts)) {
  test(`on ${host} it signs, encrypts, sends and reads answers as on Node`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "rollcall-logout-"));
    t.after(() => rm(folder, { recursive: true }));

    const accepting = await answering(t, 200, {
      headers: { ...CORS, "set-cookie": "seen=yes; SameSite=None" },
    });
    const empty = await answering(t, 204, { headers: CORS });
    const elsewhere = await answering(t, 200, { headers: CORS });
    const moved = await answering(t, 307, { headers: { ...CORS, location: elsewhere.uri } });
    const refusing = await answering(t, 400, {
      headers: CORS,
      body: '{"error":"invalid_request"}',
    });
    const busy = await answering(t, 503, {
      headers: { ...CORS, "retry-after": "7", "access-control-expose-headers": "*" },
    });
    const keySet = await answering(t, 200, {
      headers: CORS,
      body: JSON.stringify({ keys: [clientKey.publicJwk] }),
    });
    const silent = await relyingParty(t, () => {});
    const endless = await relyingParty(t, (_, response) => {
      response.writeHead(400, CORS);
      const writing = setInterval(() => response.write("x".repeat(1_024)), 1);
      response.once("close", () => clearInterval(writing));
    });

    const signedWith = (alg) =>
      messageTo(accepting.uri, { client: { idTokenSignedResponseAlg: alg } });
    const encryption = { idTokenEncryptedResponseAlg: "ECDH-ES", jwksUri: keySet.uri };
    const input = {
      issuer: ISSUER,
      signingKeys: providerKeys.map(({ privateJwk }) => privateJwk),
      allowInsecure: true,
      messages: {
        ...Object.fromEntries(ALGORITHMS.map((alg) => [alg, signedWith(alg)])),
        encrypted: messageTo(accepting.uri, { client: encryption }),
        empty: messageTo(empty.uri),
        moved: messageTo(moved.uri),
        refused: messageTo(refusing.uri),
        busy: messageTo(busy.uri),
        endless: messageTo(endless.uri),
        unreachable: messageTo(await refusingUri()),
      },
      hasty: messageTo(silent.uri),
      abandoned: messageTo(silent.uri),
    };

    let outcomes;
    try {
      outcomes = await sendOn({ bundle: await bundled(folder, input), folder, t });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      return t.skip(error.message);
    }

    const delivered = { delivered: true, status: 200 };
    const { moved: notFollowed, unreachable, ...others } = outcomes;
    assert.deepEqual(others, {
      ...Object.fromEntries(ALGORITHMS.map((alg) => [alg, delivered])),
      encrypted: delivered,
      empty: { delivered: true, status: 204 },
      refused: {
        delivered: false,
        retry: false,
        status: 400,
        error: "the client answered 400: `invalid_request`",
      },
      busy: {
        delivered: false,
        retry: true,
        retryAfter: 7,
        status: 503,
        error: "the client answered 503",
      },
      endless: { delivered: false, retry: false, status: 400, error: "the client answered 400" },
      hasty: { delivered: false, retry: true, error: "no answer within 100 ms" },
      abandoned: { rejected: "given up" },
    });
    assert.equal(notFollowed.delivered, false);
    assert.equal(notFollowed.retry, false);
    assert.match(notFollowed.error, /redirects, which is not followed$/);
    assert.equal(elsewhere.requests.length, 0);
    assert.equal(unreachable.delivered, false);
    assert.equal(unreachable.retry, true);
    assert.match(unreachable.error, /^cannot reach `127\.0\.0\.1:\d+`: ./);

    const keys = createLocalJWKSet({ keys: providerKeys.map(({ publicJwk }) => publicJwk) });
    const options = { issuer: ISSUER, audience: "shop", typ: "logout+jwt" };
    const tokens = accepting.requests.map(({ body }) =>
      new URLSearchParams(body).get("logout_token"),
    );
    const { plaintext } = await compactDecrypt(
      tokens.pop(),
      await importJWK(clientKey.privateJwk, "ECDH-ES"),
    );
    for (const [index, token] of [...tokens, new TextDecoder().decode(plaintext)].entries()) {
      const { payload, protectedHeader } = await jwtVerify(token, keys, options);
      assert.equal(protectedHeader.alg, ALGORITHMS[index] ?? "ES256");
      assert.equal(payload.sub, "alice");
    }
    for (const { headers } of accepting.requests) {
      assert.match(headers["content-type"], /^application\/x-www-form-urlencoded$/);
      assert.deepEqual(
        [headers.cookie, headers.referer, headers.authorization],
        [undefined, undefined, undefined],
      );
    }
  });
}
