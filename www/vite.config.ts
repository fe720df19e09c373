import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

/** The built package, whose modules the browser mode runs. */
const PACKAGE = fileURLToPath(new URL("../pkg/", import.meta.url));

/** The policy of the page's `<meta>`. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types svelte-trusted-html",
].join("; ");

/**
 * The headers of the files, as Cloudflare and Netlify read them. `consoleFiles` sends the same.
 * `frame-ancestors` only works in a header (CSP Level 3, section 3.3).
 */
const HEADERS = `/*
  Content-Security-Policy: ${POLICY}; frame-ancestors 'none'
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Resource-Policy: same-origin
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff
/
  Cache-Control: no-cache
/index.html
  Cache-Control: no-cache
/icon.svg
  Cache-Control: no-cache
/assets/*
  Cache-Control: public, max-age=31536000, immutable
`;

/** Adds the policy to the built page. The development server needs inline scripts. */
function contentSecurityPolicy(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
        injectTo: "head-prepend",
      },
    ],
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "_headers", source: HEADERS });
    },
  };
}

export default defineConfig({
  // Relative addresses: the files work below any path of any server.
  base: "./",
  plugins: [svelte(), contentSecurityPolicy()],
  resolve: {
    alias: [
      { find: /^rollcall$/, replacement: `${PACKAGE}entry/browser.js` },
      { find: /^rollcall\/memory$/, replacement: `${PACKAGE}entry/memory-browser.js` },
      { find: /^rollcall\/([a-z-]+)$/, replacement: `${PACKAGE}$1.js` },
    ],
  },
  build: {
    target: "es2023",
    modulePreload: { polyfill: false },
    // Data URLs need `img-src data:`, which the policy doesn't have.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // For the package's list of the code of others. It isn't published itself.
    license: { fileName: ".vite/license.json" },
    // Svelte's compiler takes nearly all of the time, which isn't worth a warning.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
