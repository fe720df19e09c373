import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium as browserType } from "playwright-core";
import { chromiumPath } from "./tools.mjs";

const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/**
 * The strictest policy under which the package promises to load. The pages here also have an inline
 * script.
 */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline'";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Runs the suite in a page that imports the package unbundled, with an import map. */
export async function chromium(project) {
  const installed = "node_modules/rollcall";
  const { exports } = JSON.parse(await readFile(join(project, installed, "package.json"), "utf8"));
  const imports = {
    rollcall: join("/", installed, exports["."].browser),
    "rollcall/memory": join("/", installed, exports["./memory"].browser),
    "rollcall/http": join("/", installed, exports["./http"].default),
    // The dependencies of the package, as a bundler resolves them.
    "hono/tiny": "/node_modules/hono/dist/preset/tiny.js",
    jose: "/node_modules/jose/dist/webapi/index.js",
    valibot: "/node_modules/valibot/dist/index.mjs",
  };
  return resultOfPage(
    project,
    `<script type="importmap">${JSON.stringify({ imports })}</script>${script("/page.mjs")}`,
  );
}

/** The element that loads a module script. */
export const script = (path) => `<script type="module" src="${path}"></script>`;

/**
 * Serves a folder, opens a page that loads its scripts, and returns the value that they assign to
 * the global variable `result`.
 */
export async function resultOfPage(folder, html) {
  const executablePath = chromiumPath();
  const server = await serve(
    folder,
    `<!doctype html><title>Rollcall</title><link rel="icon" href="data:,">${html}`,
  );
  const browser = await browserType.launch({ executablePath, args: ARGUMENTS });
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.stack));
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const result = await page
      .waitForFunction(() => globalThis.result)
      .catch((error) => {
        throw new Error(`the page left no result: ${complaints.join("\n")}`, { cause: error });
      });
    return { version: `Chromium ${browser.version()}`, ...(await result.jsonValue()) };
  } finally {
    await browser.close();
    server.close();
  }
}

async function serve(folder, page) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/") {
      response
        .writeHead(200, {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": POLICY,
        })
        .end(page);
      return;
    }
    try {
      const body = await readFile(join(folder, normalize(pathname)));
      response
        .writeHead(200, { "content-type": TYPES[extname(pathname)] ?? "application/octet-stream" })
        .end(body);
    } catch (error) {
      response.writeHead(404, { "content-type": "text/plain" }).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
