/**
 * The cipher for tickets, with WebCrypto.
 *
 * @module
 */

import { fromBase64Url, toBase64Url } from "./base64url.js";
import { NONCE_LENGTH, TAG_LENGTH, type TicketCipher } from "./ticket-cipher.js";

/** A cipher with this key. The key is imported on first use, and kept. */
export function webCipher(key: Uint8Array<ArrayBuffer>): TicketCipher {
  // The imported key, never a promise for it: on Workers, a promise that is shared between requests
  // ends the second one.
  let imported: CryptoKey | undefined;
  const importedKey = async () => {
    imported ??= await crypto.subtle.importKey("raw", key, "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]);
    return imported;
  };
  return {
    async seal(text, bound) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
      const encrypted = await crypto.subtle.encrypt(
        algorithm(nonce, bound),
        await importedKey(),
        new TextEncoder().encode(text),
      );
      const bytes = new Uint8Array(NONCE_LENGTH + encrypted.byteLength);
      bytes.set(nonce);
      bytes.set(new Uint8Array(encrypted), NONCE_LENGTH);
      return toBase64Url(bytes);
    },
    async open(sealed, bound) {
      const bytes = fromBase64Url(sealed);
      if (bytes === undefined || bytes.length < NONCE_LENGTH + TAG_LENGTH) {
        return undefined;
      }
      const key = await importedKey();
      const [nonce, encrypted] = [bytes.subarray(0, NONCE_LENGTH), bytes.subarray(NONCE_LENGTH)];
      try {
        const text = await crypto.subtle.decrypt(algorithm(nonce, bound), key, encrypted);
        return new TextDecoder().decode(text);
      } catch {
        // WebCrypto deliberately gives no reason. The core reports it as an event.
        return undefined;
      }
    },
  };
}

function algorithm(iv: Uint8Array<ArrayBuffer>, additionalData: Uint8Array<ArrayBuffer>) {
  return { name: "AES-GCM", iv, additionalData, tagLength: TAG_LENGTH * 8 };
}
