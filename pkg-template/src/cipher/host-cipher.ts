/**
 * The cipher of this host.
 *
 * `entry/node-cipher.js` installs Node's own. An entry in the `imports` of package.json would not
 * work, because a page that loads the package unbundled can't resolve names that begin with `#`.
 *
 * @module
 */

import type { TicketCipher } from "./ticket-cipher.js";
import { webCipher } from "./web-cipher.js";

/** Makes a cipher with a key of `KEY_LENGTH` bytes. */
export type CipherFactory = (key: Uint8Array<ArrayBuffer>) => TicketCipher;

let factory: CipherFactory = webCipher;

/** Replaces WebCrypto for key rings made from now on. */
export function setHostCipher(cipher: CipherFactory): void {
  factory = cipher;
}

/** A cipher with this key. */
export function hostCipher(key: Uint8Array<ArrayBuffer>): TicketCipher {
  return factory(key);
}
