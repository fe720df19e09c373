// @ts-check
// Node.js: seals and opens tickets with `node:crypto`, synchronously. WebCrypto takes several times
// as long for inputs this small, because each of its calls is a job for another thread.

/** @import { CipherFactory } from "../cipher/host-cipher.js" */

import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import { isBase64Url } from "../cipher/base64url.js";
import { setHostCipher } from "../cipher/host-cipher.js";
import { NONCE_LENGTH, TAG_LENGTH } from "../cipher/ticket-cipher.js";

const ALGORITHM = "aes-256-gcm";
const OPTIONS = { authTagLength: TAG_LENGTH };

/**
 * A cipher with this key.
 *
 * @type {CipherFactory}
 */
export function nodeCipher(key) {
  const secret = createSecretKey(key);
  return {
    seal(text, bound) {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv(ALGORITHM, secret, nonce, OPTIONS).setAAD(bound);
      const encrypted = [cipher.update(text, "utf8"), cipher.final()];
      return Buffer.concat([nonce, ...encrypted, cipher.getAuthTag()]).toString("base64url");
    },
    open(sealed, bound) {
      const bytes = isBase64Url(sealed) ? Buffer.from(sealed, "base64url") : Buffer.alloc(0);
      if (bytes.length < NONCE_LENGTH + TAG_LENGTH) {
        return undefined;
      }
      const nonce = bytes.subarray(0, NONCE_LENGTH);
      const decipher = createDecipheriv(ALGORITHM, secret, nonce, OPTIONS)
        .setAAD(bound)
        .setAuthTag(bytes.subarray(-TAG_LENGTH));
      const text = decipher.update(bytes.subarray(NONCE_LENGTH, -TAG_LENGTH), undefined, "utf8");
      try {
        return text + decipher.final("utf8");
      } catch {
        // The tag is wrong. The core reports it as an event.
        return undefined;
      }
    },
  };
}

setHostCipher(nodeCipher);
