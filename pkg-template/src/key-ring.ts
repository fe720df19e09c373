/**
 * The key ring that seals tickets with the host's cipher.
 *
 * @module
 */

import { fromBase64Url } from "./cipher/base64url.js";
import { hostCipher } from "./cipher/host-cipher.js";
import { KEY_LENGTH, type TicketCipher } from "./cipher/ticket-cipher.js";
import { invalidArgument } from "./errors.js";
import type { MaybePromise } from "./types/maybe-promise.js";
import type { TicketKeys } from "./types.js";

/**
 * Seals with the current key and opens with any key. The methods return plain results where the
 * host's cipher is synchronous, and promises elsewhere.
 *
 * `bound` is a view of the core's memory. It is copied first: the memory may grow while a method
 * waits or while `toJSON` of a ticket runs, and growing detaches the view.
 */
export class KeyRing {
  readonly current: string;
  readonly #ciphers = new Map<string, TicketCipher>();

  /**
   * Throws `invalid_argument` if a key is not 256 bits long, a key id contains characters other
   * than letters, digits, `-` and `_`, or `current` is not among the keys.
   */
  constructor(keys: TicketKeys | undefined) {
    if (
      typeof keys !== "object" ||
      keys === null ||
      typeof keys.keys !== "object" ||
      keys.keys === null
    ) {
      throw invalidArgument(
        "`keys` must be `{ current, keys }`: the id of the key that seals, and the keys by id",
      );
    }
    for (const [id, key] of Object.entries(keys.keys)) {
      if (!/^[\w-]+$/.test(id)) {
        throw invalidArgument(
          `the key id \`${id}\` must consist of letters, digits, \`-\` and \`_\``,
        );
      }
      this.#ciphers.set(id, hostCipher(keyBytes(id, key)));
    }
    if (!this.#ciphers.has(keys.current)) {
      throw invalidArgument(
        `\`current\` names the key \`${String(keys.current)}\`, which is not among \`keys\``,
      );
    }
    this.current = keys.current;
  }

  /**
   * Seals a value as JSON and returns nonce, ciphertext and tag in base64url. Throws
   * `invalid_argument` if the value is not JSON.
   */
  seal(keyId: string, bound: Uint8Array<ArrayBuffer>, ticket: unknown): MaybePromise<string> {
    const associatedData = bound.slice();
    const json = toJson(ticket);
    const cipher = this.#ciphers.get(keyId);
    if (cipher === undefined) {
      throw invalidArgument(`the key \`${keyId}\` is not in the ring`);
    }
    return cipher.seal(json, associatedData);
  }

  /**
   * Opens a sealed value. The result is wrapped, so that any value differs from failure;
   * `undefined` if it doesn't open.
   */
  open(
    keyId: string,
    bound: Uint8Array<ArrayBuffer>,
    sealed: string,
  ): MaybePromise<{ ticket: unknown } | undefined> {
    const opened = this.#ciphers.get(keyId)?.open(sealed, bound.slice());
    return typeof opened === "object" ? opened.then(parsed) : parsed(opened);
  }
}

function parsed(json: string | undefined): { ticket: unknown } | undefined {
  try {
    return json === undefined ? undefined : { ticket: JSON.parse(json) };
  } catch {
    // Sealed with this key by another program.
    return undefined;
  }
}

function keyBytes(id: string, key: unknown): Uint8Array<ArrayBuffer> {
  const bytes =
    typeof key === "string"
      ? fromBase64Url(key)
      : key instanceof Uint8Array
        ? new Uint8Array(key)
        : undefined;
  if (bytes?.length !== KEY_LENGTH) {
    throw invalidArgument(
      `the key \`${id}\` must be 32 bytes, as a Uint8Array or a base64url string`,
    );
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
    throw invalidArgument(NOT_JSON, error);
  }
  throw invalidArgument(NOT_JSON);
}

const NOT_JSON = "the ticket cannot be serialized as JSON: pass plain data";
