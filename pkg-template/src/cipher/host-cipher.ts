/**
 * The cipher of this host.
 *
 * `entry/node-cipher.js` sets Node's own. It is not a case for `imports` in package.json, because a
 * page that loads the package unbundled resolves no name that begins with `#`.
 *
 * @module
 */

import type { TicketCipher } from "./ticket-cipher.js";
import { webCipher } from "./web-cipher.js";

/** Makes the cipher under a key of `KEY_LENGTH` bytes. */
export type CipherFactory = (key: Uint8Array<ArrayBuffer>) => TicketCipher;

let factory: CipherFactory = webCipher;

/** Replaces WebCrypto, for key rings that are made from now on. */
export function setHostCipher(cipher: CipherFactory): void {
  factory = cipher;
}

/** The cipher under this key. */
export function hostCipher(key: Uint8Array<ArrayBuffer>): TicketCipher {
  return factory(key);
}
