/**
 * The cipher for tickets: AES-256-GCM (NIST SP 800-38D).
 *
 * A sealed ticket is a nonce, the ciphertext and the tag, in base64url. There are two
 * implementations, and each opens the other's tickets: `entry/node-cipher.js` for Node, and
 * `web-cipher.ts` for all other hosts. The core makes the associated data
 * (`src/ticket/associated_data.rs`).
 *
 * @module
 */

import type { MaybePromise } from "../types/maybe-promise.js";

/** In bytes. */
export const KEY_LENGTH = 32;

/** In bytes: 96 random bits (section 8.2.2), fresh for each ticket. */
export const NONCE_LENGTH = 12;

/** In bytes: the longest tag that GCM has (section 5.2.1.2). */
export const TAG_LENGTH = 16;

/**
 * Seals and opens with one key. The results are plain values where the host's cipher is
 * synchronous, and promises elsewhere.
 */
export interface TicketCipher {
  /** Seals a string. Only the same `bound` (the associated data) opens it. */
  seal(text: string, bound: Uint8Array<ArrayBuffer>): MaybePromise<string>;
  /** The sealed string; `undefined` if `sealed` doesn't open. */
  open(sealed: string, bound: Uint8Array<ArrayBuffer>): MaybePromise<string | undefined>;
}
