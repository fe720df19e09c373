/**
 * The ring of keys that tickets are sealed with, over the host's cipher.
 *
 * @module
 */

import { fromBase64Url } from "./cipher/base64url.js";
import { hostCipher } from "./cipher/host-cipher.js";
import { KEY_LENGTH, type TicketCipher } from "./cipher/ticket-cipher.js";
import { RollcallError } from "./errors.js";
import type { MaybePromise } from "./types/maybe-promise.js";
import type { TicketKeys } from "./types.js";

/**
 * Seals with the current key and opens with every one. Where the host's cipher is synchronous, the
 * methods return their result; elsewhere a promise of it.
 *
 * `bound` is a view of the core's memory. It is copied first of all, because that memory may grow,
 * which detaches the view, while a method waits or while `toJSON` of a ticket runs.
 */
export class KeyRing {
  readonly current: string;
  readonly #ciphers = new Map<string, TicketCipher>();

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
      this.#ciphers.set(id, hostCipher(keyBytes(id, key)));
    }
    if (!this.#ciphers.has(keys.current)) {
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
  seal(keyId: string, bound: Uint8Array<ArrayBuffer>, ticket: unknown): MaybePromise<string> {
    const associatedData = bound.slice();
    const json = toJson(ticket);
    const cipher = this.#ciphers.get(keyId);
    if (cipher === undefined) {
      throw invalid(`the key \`${keyId}\` is not in the ring`);
    }
    return cipher.seal(json, associatedData);
  }

  /**
   * Opens what `seal` made, wrapped so that any value can be told from failure; `undefined` when it
   * does not open.
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

function invalid(message: string): RollcallError {
  return new RollcallError("invalid_argument", message);
}
