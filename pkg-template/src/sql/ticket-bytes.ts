/**
 * Sealed tickets as bytes in hexadecimal digits, a form that every engine accepts and returns.
 *
 * The core makes a ticket as `1.` key id `.` base64url (`src/ticket/sealing.rs`), which would take
 * a third more space than the bytes. A ticket in another form is stored as UTF-8.
 *
 * @module
 */

import { isBase64Url } from "../cipher/base64url.js";

/** The first byte, in digits: the form of the other bytes. */
const AS_TEXT = "00";
/** Followed by the length of the key id, the key id, and the decoded bytes of the base64url. */
const SEALED = "01";

const FORM = /^1\.([A-Za-z0-9_-]{1,255})\.([A-Za-z0-9_-]+)$/;

/** The bytes to store for this ticket. */
export function ticketToHex(ticket: string): string {
  const [, keyId, body = ""] = FORM.exec(ticket) ?? [];
  const sealed = isBase64Url(body) ? hexOf(body) : "";
  return keyId === undefined || base64UrlOf(sealed) !== body
    ? AS_TEXT + hexOfText(ticket)
    : SEALED + keyId.length.toString(16).padStart(2, "0") + hexOfText(keyId) + sealed;
}

/** The ticket for these bytes. Malformed bytes give a string that doesn't open. */
export function ticketFromHex(hex: string): string {
  if (!hex.startsWith(SEALED)) {
    return textOf(hex.slice(2));
  }
  const body = 4 + 2 * byteAt(hex, 2);
  let keyId = "";
  for (let index = 4; index < body; index += 2) keyId += String.fromCharCode(byteAt(hex, index));
  return `1.${keyId}.${base64UrlOf(hex.slice(body))}`;
}

function hexOfText(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

function textOf(hex: string): string {
  const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, index) => byteAt(hex, 2 * index));
  // A byte order mark at the beginning is a part of the ticket.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Converts base64url to hexadecimal digits: two characters are 12 bits, or three digits. It avoids
 * a byte array, because a page has many tickets.
 */
function hexOf(base64Url: string): string {
  let hex = "";
  for (let index = 0; index < base64Url.length; index += 2) {
    const first = ALPHABET.indexOf(base64Url.charAt(index)) << 6;
    const bits = first | Math.max(ALPHABET.indexOf(base64Url.charAt(index + 1)), 0);
    hex += bits.toString(16).padStart(3, "0");
  }
  return hex.slice(0, 2 * Math.floor((base64Url.length * 6) / 8));
}

/** The reverse: three digits are two characters. */
function base64UrlOf(hex: string): string {
  let base64Url = "";
  for (let index = 0; index < hex.length; index += 3) {
    const bits =
      (digitAt(hex, index) << 8) | (digitAt(hex, index + 1) << 4) | digitAt(hex, index + 2);
    base64Url += ALPHABET.charAt(bits >> 6) + ALPHABET.charAt(bits & 0x3f);
  }
  return base64Url.slice(0, Math.ceil((hex.length * 4) / 6));
}

function byteAt(hex: string, index: number): number {
  return (digitAt(hex, index) << 4) | digitAt(hex, index + 1);
}

/** The value of a lower-case digit; 0 after the end. */
function digitAt(hex: string, index: number): number {
  const code = hex.charCodeAt(index);
  return code >= DIGIT_A ? code - DIGIT_A + 10 : code - DIGIT_0 || 0;
}

const DIGIT_0 = "0".charCodeAt(0);
const DIGIT_A = "a".charCodeAt(0);
