/**
 * Bundles with esbuild, with the licences of the packages in the bundle.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { licenceComment, partsOf } from "./parts.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Writes one ES module without source maps.
 *
 * @param {string} outfile
 * @param {string | undefined} partsFile a file for the list of the packages in the bundle
 * @param {import("esbuild").BuildOptions} options
 */
export async function bundle(outfile, partsFile, options) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    // Cargo's target folder can be anywhere.
    nodePaths: [join(root, "node_modules")],
    outfile,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    legalComments: "none",
    format: "esm",
    logLevel: "warning",
    ...options,
  });
  const [{ text }] = outputFiles;
  const parts = await partsOf(root, metafile);
  await mkdir(dirname(outfile), { recursive: true });
  await writeFile(outfile, text + licenceComment(parts));
  if (partsFile !== undefined) {
    await mkdir(dirname(partsFile), { recursive: true });
    await writeFile(partsFile, JSON.stringify(parts));
  }
}
