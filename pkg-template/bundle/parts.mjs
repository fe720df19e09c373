/**
 * The packages in a bundle, with their licences.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * @typedef {object} Part a package of which a bundle contains code
 * @property {string} name
 * @property {string} version
 * @property {string} identifier the SPDX expression of its licence
 * @property {string} text the text of its licence
 */

/**
 * The packages in a bundle of esbuild, by name.
 *
 * @param {string} root the folder that the paths start in
 * @param {import("esbuild").Metafile} metafile
 * @returns {Promise<Part[]>}
 */
export async function partsOf(root, metafile) {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
  );
  const folders = new Set(
    used.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  );
  return await Promise.all([...folders].sort().map((folder) => partIn(join(root, folder))));
}

/** @param {string} folder */
async function partIn(folder) {
  const manifest = await readFile(join(folder, "package.json"), "utf8");
  const { name, version, license: identifier } = JSON.parse(manifest);
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  if (typeof identifier !== "string" || file === undefined) {
    throw new Error(`the package \`${name}\` has no licence: don't bundle it`);
  }
  const text = await readFile(join(folder, file), "utf8");
  return { name, version, identifier, text: text.trim() };
}

/**
 * The comment at the end of a bundle, which the licences ask for.
 *
 * @param {Part[]} parts
 */
export function licenceComment(parts) {
  const texts = parts.map(
    ({ name, version, text }) => `${name} ${version}\n\n${text.replaceAll("*/", "* /")}`,
  );
  return `/*\nThis file contains:\n\n${texts.join("\n\n")}\n*/\n`;
}
