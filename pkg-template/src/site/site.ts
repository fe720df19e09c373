/**
 * The console's files, read from the package.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { RollcallError } from "../errors.js";
import { HeaderRules } from "./header-rules.js";

/** The built console, next to the compiled scripts of the package. */
const FOLDER = new URL("../console/", import.meta.url);

/** The folder of the files whose names contain a hash of their contents. */
export const ASSETS = "assets/";

/** The name of the page. */
export const PAGE = "index.html";

/** The file of the headers. It isn't served. */
const HEADERS = "_headers";

const TYPES = new Map([
  ["css", "text/css; charset=utf-8"],
  ["html", "text/html; charset=utf-8"],
  ["js", "text/javascript; charset=utf-8"],
  ["svg", "image/svg+xml"],
  ["wasm", "application/wasm"],
]);

const compress = promisify(gzip);

/** Contents with one encoding, and their entity tag. */
export interface Representation {
  contents: Uint8Array<ArrayBuffer>;
  etag: string;
}

/** A file that is served. */
export class SiteFile {
  readonly plain: Representation;
  readonly headers: Record<string, string>;
  #compressed: Promise<Representation> | undefined;

  constructor(name: string, contents: Uint8Array<ArrayBuffer>, rules: HeaderRules) {
    const hash = createHash("sha256").update(contents).digest("base64url").slice(0, 22);
    this.plain = { contents, etag: `"${hash}"` };
    const type = TYPES.get(name.slice(name.lastIndexOf(".") + 1)) ?? "application/octet-stream";
    this.headers = { ...rules.headersOf(`/${name}`), "content-type": type };
  }

  /** The contents after gzip, compressed at the first call. */
  get compressed(): Promise<Representation> {
    this.#compressed ??= compress(this.plain.contents, { level: 9 }).then((contents) => ({
      contents,
      etag: this.plain.etag.replace(/"$/, '-gzip"'),
    }));
    return this.#compressed;
  }
}

/** All files of the console, by their path below its address. */
export class Site {
  readonly #files = new Map<string, SiteFile>();
  /** The headers of answers that aren't files. */
  readonly headers: Record<string, string>;

  /**
   * @param api the mount point of the admin API, for the page
   * @throws {RollcallError} `not_configured` if the files can't be read
   */
  constructor(api: string) {
    const contents = readFolder();
    const rules = new HeaderRules(new TextDecoder().decode(contents.get(HEADERS)));
    contents.delete(HEADERS);
    for (const [name, bytes] of contents) {
      const filled = name === PAGE ? withApi(bytes, api) : bytes;
      this.#files.set(name, new SiteFile(name, filled, rules));
    }
    this.headers = rules.headersOf("/");
  }

  /** The file at a path such as `assets/index.js`. */
  file(path: string): SiteFile | undefined {
    return this.#files.get(path);
  }
}

function readFolder(): Map<string, Uint8Array<ArrayBuffer>> {
  try {
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const folder of ["", ASSETS]) {
      for (const entry of readdirSync(new URL(`./${folder}`, FOLDER), { withFileTypes: true })) {
        const name = `${folder}${entry.name}`;
        if (entry.isFile()) files.set(name, readFileSync(new URL(name, FOLDER)));
      }
    }
    return files;
  } catch (thrown) {
    throw new RollcallError(
      "not_configured",
      `the console's files can't be read from ${FOLDER}: leave \`rollcall\` out of bundles, and on Deno allow reading this folder`,
      thrown,
    );
  }
}

/** Writes the mount point of the API into the page. */
function withApi(page: Uint8Array<ArrayBuffer>, api: string): Uint8Array<ArrayBuffer> {
  const name = 'name="rollcall-api" content="';
  const [before, after] = new TextDecoder().decode(page).split(`${name}api/"`);
  if (before === undefined || after === undefined) {
    throw new RollcallError("not_configured", "the console's page isn't that of this version");
  }
  return new TextEncoder().encode(`${before}${name}${escaped(api)}"${after}`);
}

function escaped(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
