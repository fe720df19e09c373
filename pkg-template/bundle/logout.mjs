/**
 * Bundles `rollcall/logout` for pages without a bundler: `node logout.mjs FOLDER PARTS`. The folder
 * has the compiled TypeScript, and the last argument is a file that gets the list of the packages
 * in the bundle.
 *
 * @module
 */

import { resolve } from "node:path";
import { bundle } from "./bundle.mjs";

const [folder = "pkg", parts] = process.argv.slice(2);
const errors = resolve(folder, "errors.js");

await bundle(resolve(folder, "entry/logout-browser.js"), parts, {
  entryPoints: [resolve(folder, "logout.js")],
  platform: "browser",
  // As the other entries for browsers.
  target: "es2022",
  plugins: [
    {
      name: "package",
      setup({ onResolve }) {
        onResolve({ filter: /^#transport$/ }, () => ({
          path: resolve(folder, "logout/fetch-transport.js"),
        }));
        // A second `RollcallError` would break `instanceof`.
        onResolve({ filter: /\/errors\.js$/ }, ({ path, resolveDir }) =>
          resolve(resolveDir, path) === errors ? { path: "../errors.js", external: true } : null,
        );
      },
    },
  ],
});
