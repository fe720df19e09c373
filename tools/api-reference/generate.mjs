/**
 * Writes the API reference. It reads the sources and the types in pkg/, so build the package first.
 *
 * @module
 */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pages } from "./pages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "docs/reference/api");

const all = await pages(root);
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const [name, text] of all) await writeFile(join(folder, name), text);
