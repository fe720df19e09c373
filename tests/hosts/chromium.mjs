import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium as browserType } from "playwright-core";
import { chromiumPath } from "./tools.mjs";

const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Serves the project and runs the suite in a page that imports the package unbundled, through an import map. */
export async function chromium(project) {
  const executablePath = chromiumPath();
  const server = await serve(project);
  const browser = await browserType.launch({ executablePath, args: ARGUMENTS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const result = await page.evaluate(async () => {
      const [rollcall, { runSuite }] = await Promise.all([import("rollcall"), import("/suite.mjs")]);
      return runSuite(rollcall);
    });
    return { version: `Chromium ${browser.version()}`, ...result };
  } finally {
    await browser.close();
    server.close();
  }
}

async function serve(project) {
  const installed = "node_modules/rollcall";
  const { exports } = JSON.parse(await readFile(join(project, installed, "package.json"), "utf8"));
  const imports = { rollcall: join("/", installed, exports["."].browser) };
  const page = `<!doctype html><title>Rollcall</title><script type="importmap">${JSON.stringify({ imports })}</script>`;

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/") {
      // The strictest policy under which the package promises to load.
      const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline'";
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy }).end(page);
      return;
    }
    try {
      const body = await readFile(join(project, normalize(pathname)));
      response.writeHead(200, { "content-type": TYPES[extname(pathname)] ?? "application/octet-stream" }).end(body);
    } catch (error) {
      response.writeHead(404, { "content-type": "text/plain" }).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
