/**
 * Sealed tickets as bytes, in hexadecimal digits: that is how every engine takes and gives them.
 *
 * A ticket comes from the core as `1.` key id `.` base64url (`src/ticket/sealing.rs`), which would
 * take a third more space than the bytes. A ticket of another form is stored as UTF-8.
 *
 * @module
 */

import { fromBase64Url, toBase64Url } from "../cipher/base64url.js";

/** The first byte: the form of the others. */
const AS_TEXT = 0;
/** The length of the key id, the key id, and what the base64url stands for. */
const SEALED = 1;

const FORM = /^1\.([A-Za-z0-9_-]{1,255})\.([A-Za-z0-9_-]+)$/;

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The bytes to store for this ticket. */
export function ticketToHex(ticket: string): string {
  const [, keyId, body] = FORM.exec(ticket) ?? [];
  const sealed = body === undefined ? undefined : fromBase64Url(body);
  return keyId === undefined || sealed === undefined || toBase64Url(sealed) !== body
    ? toHex([AS_TEXT]) + toHex(new TextEncoder().encode(ticket))
    : toHex([SEALED, keyId.length]) + toHex(new TextEncoder().encode(keyId)) + toHex(sealed);
}

/**
 * The ticket for these bytes. What isn't in the form of `ticketToHex` gives a string that doesn't
 * open.
 */
export function ticketFromHex(hex: string): string {
  const bytes = fromHex(hex);
  const [form, length = 0] = bytes;
  if (form !== SEALED) {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(1));
  }
  const keyId = new TextDecoder().decode(bytes.subarray(2, 2 + length));
  return `1.${keyId}.${toBase64Url(bytes.subarray(2 + length))}`;
}

function toHex(bytes: Iterable<number>): string {
  let text = "";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}

function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = (digitAt(hex, 2 * index) << 4) | digitAt(hex, 2 * index + 1);
  }
  return bytes;
}

/** The value of a digit, in lower case. Much faster than `Number.parseInt` of each pair. */
function digitAt(hex: string, index: number): number {
  const code = hex.charCodeAt(index);
  return code <= DIGIT_9 ? code - DIGIT_0 : code - DIGIT_A + 10;
}

const DIGIT_0 = "0".charCodeAt(0);
const DIGIT_9 = "9".charCodeAt(0);
const DIGIT_A = "a".charCodeAt(0);
