/**
 * The cipher of tickets: AES-256-GCM by the host's WebCrypto, with a ring of keys.
 *
 * @module
 */

import { RollcallError } from "./errors.js";
import type { TicketKeys } from "./types.js";

/** The length of a nonce (NIST SP 800-38D, section 8.2.2: 96 random bits) in bytes. */
const NONCE_LENGTH = 12;

/**
 * Seals with the current key and opens with every one.
 *
 * `bound` is a view of the core's memory. It is copied first of all, because that memory may grow,
 * which detaches the view, while a method waits or while `toJSON` of a ticket runs.
 */
export class KeyRing {
  readonly current: string;
  readonly #bytes = new Map<string, Uint8Array<ArrayBuffer>>();
  // Imported keys, never promises of them: on Workers a promise that is shared between requests
  // ends the second one.
  readonly #imported = new Map<string, CryptoKey>();

  /**
   * Throws `invalid_argument` when a key is not 256 bits long, a key id has other characters than
   * letters, digits, `-` and `_`, or `current` is not among the keys.
   */
  constructor(keys: TicketKeys | undefined) {
    if (
      typeof keys !== "object" ||
      keys === null ||
      typeof keys.keys !== "object" ||
      keys.keys === null
    ) {
      throw invalid(
        "`keys` must be `{ current, keys }`: the id of the key that seals, and the keys by id",
      );
    }
    for (const [id, key] of Object.entries(keys.keys)) {
      if (!/^[\w-]+$/.test(id)) {
        throw invalid(`the key id \`${id}\` must consist of letters, digits, \`-\` and \`_\``);
      }
      this.#bytes.set(id, keyBytes(id, key));
    }
    if (!this.#bytes.has(keys.current)) {
      throw invalid(
        `\`current\` names the key \`${String(keys.current)}\`, which is not among \`keys\``,
      );
    }
    this.current = keys.current;
  }

  /**
   * Seals a value as JSON: nonce, text and tag, base64url. Throws `invalid_argument` when it is not
   * JSON.
   */
  async seal(keyId: string, bound: Uint8Array<ArrayBuffer>, ticket: unknown): Promise<string> {
    const additionalData = bound.slice();
    const json = toJson(ticket);
    const key = await this.#key(keyId);
    if (key === undefined) {
      throw invalid(`the key \`${keyId}\` is not in the ring`);
    }
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
    const algorithm = { name: "AES-GCM", iv: nonce, additionalData };
    const sealed = new Uint8Array(
      await crypto.subtle.encrypt(algorithm, key, new TextEncoder().encode(json)),
    );
    const body = new Uint8Array(NONCE_LENGTH + sealed.length);
    body.set(nonce);
    body.set(sealed, NONCE_LENGTH);
    return toBase64Url(body);
  }

  /**
   * Opens what `seal` made, wrapped so that any value can be told from failure; `undefined` when it
   * does not open.
   */
  async open(
    keyId: string,
    bound: Uint8Array<ArrayBuffer>,
    body: string,
  ): Promise<{ ticket: unknown } | undefined> {
    const additionalData = bound.slice();
    const key = await this.#key(keyId);
    const bytes = fromBase64Url(body);
    if (key === undefined || bytes === undefined) {
      return undefined;
    }
    const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, NONCE_LENGTH), additionalData };
    try {
      const json = await crypto.subtle.decrypt(algorithm, key, bytes.subarray(NONCE_LENGTH));
      return { ticket: JSON.parse(new TextDecoder().decode(json)) };
    } catch {
      // WebCrypto gives no reason, on purpose. The core makes an event of it.
      return undefined;
    }
  }

  async #key(id: string): Promise<CryptoKey | undefined> {
    const imported = this.#imported.get(id);
    const bytes = this.#bytes.get(id);
    if (imported !== undefined || bytes === undefined) {
      return imported;
    }
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]);
    this.#imported.set(id, key);
    return key;
  }
}

function keyBytes(id: string, key: unknown): Uint8Array<ArrayBuffer> {
  const bytes =
    typeof key === "string"
      ? fromBase64Url(key)
      : key instanceof Uint8Array
        ? new Uint8Array(key)
        : undefined;
  if (bytes?.length !== 32) {
    throw invalid(`the key \`${id}\` must be 32 bytes, as a Uint8Array or as base64url text`);
  }
  return bytes;
}

function toJson(ticket: unknown): string {
  try {
    const json: string | undefined = JSON.stringify(ticket);
    if (json !== undefined) {
      return json;
    }
  } catch (error) {
    throw new RollcallError(
      "invalid_argument",
      "the ticket cannot be written as JSON: give plain data",
      error,
    );
  }
  throw invalid("the ticket cannot be written as JSON: give plain data");
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text)) {
    return undefined;
  }
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    return undefined;
  }
}

function invalid(message: string): RollcallError {
  return new RollcallError("invalid_argument", message);
}
