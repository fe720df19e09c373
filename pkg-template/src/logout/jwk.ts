/**
 * JSON Web Keys (RFC 7517).
 *
 * @module
 */
import type { JWK } from "jose";
import { textMember } from "./untrusted.js";

/**
 * A key of these members alone, as far as they are there: what else a key says about its use has
 * been checked by then. It is also a copy, for `jose` freezes the keys that it imports, to import
 * each once.
 */
export function jwkOf(value: unknown, members: readonly string[]): JWK {
  const texts = members.map((name) => [name, textMember(value, name)] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined));
}
