/**
 * The cipher of tickets under one key: AES-256-GCM (NIST SP 800-38D).
 *
 * A sealed ticket is a nonce, the encrypted text and the tag, in base64url. There are two
 * implementations, and each opens tickets that the other one sealed: `entry/node-cipher.js` for
 * Node, and `web-cipher.ts` for all other hosts.
 *
 * @module
 */

import type { MaybePromise } from "../types/maybe-promise.js";

/** The length of a key in bytes. */
export const KEY_LENGTH = 32;

/** The length of a nonce in bytes: 96 random bits (section 8.2.2), fresh for each ticket. */
export const NONCE_LENGTH = 12;

/** The length of a tag in bytes: the longest that there is (section 5.2.1.2). */
export const TAG_LENGTH = 16;

/**
 * Seals and opens under one key. The results are values where the host's cipher is synchronous, and
 * promises elsewhere.
 */
export interface TicketCipher {
  /** Seals a string. It opens with the same `bound` only: the associated data. */
  seal(text: string, bound: Uint8Array<ArrayBuffer>): MaybePromise<string>;
  /** The string that was sealed; `undefined` if `sealed` doesn't open. */
  open(sealed: string, bound: Uint8Array<ArrayBuffer>): MaybePromise<string | undefined>;
}
