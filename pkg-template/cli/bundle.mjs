/**
 * Bundles the command `rollcall` into one file: `node bundle.mjs OUTFILE VERSION`.
 *
 * What is imported from `rollcall` and `kysely` stays outside: it is loaded from beside the file,
 * and only by commands that work in the process.
 *
 * @module
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [outfile, version] = process.argv.slice(2);
const root = fileURLToPath(new URL("../..", import.meta.url));

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["pkg-template/cli/main.ts"],
  outfile,
  bundle: true,
  write: false,
  metafile: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["rollcall", "rollcall/*", "kysely"],
  define: { __VERSION__: JSON.stringify(version) },
  banner: {
    // Commander is CommonJS, and requires modules of Node.
    js: `#!/usr/bin/env node
import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`,
  },
  logLevel: "warning",
});

const [{ text }] = outputFiles;
await mkdir(dirname(outfile), { recursive: true });
await writeFile(outfile, text + (await licences(Object.keys(metafile.inputs))));

/** The licences of the packages in the bundle, as they ask for. */
async function licences(inputs) {
  const folders = new Set(
    inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean),
  );
  const texts = [];
  for (const folder of [...folders].sort()) {
    const { name, version } = JSON.parse(
      await readFile(join(root, folder, "package.json"), "utf8"),
    );
    const file = await Promise.any(
      ["LICENSE", "license", "LICENSE.md"].map((one) => readFile(join(root, folder, one), "utf8")),
    );
    texts.push(`${name} ${version}\n\n${file.trim().replaceAll("*/", "* /")}`);
  }
  return `/*\nThis file contains:\n\n${texts.join("\n\n")}\n*/\n`;
}
