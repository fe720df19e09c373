/**
 * base64url without padding (RFC 4648, section 5).
 *
 * This isn't jose's, because `rollcall` and `rollcall/sql` only import the user's database client,
 * so a page can load them without a bundler.
 *
 * @module
 */

/** Whether a string is base64url. Some decoders skip other characters. */
export function isBase64Url(text: string): boolean {
  return /^[\w-]*$/.test(text) && text.length % 4 !== 1;
}

export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Decodes base64url. `undefined` if the string isn't base64url. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!isBase64Url(text)) {
    return undefined;
  }
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
    character.charCodeAt(0),
  );
}
