/**
 * JSON Web Keys (RFC 7517).
 *
 * @module
 */
import type { JWK } from "jose";
import { stringMember } from "./untrusted.js";

/**
 * A copy of a key with only these members, where present: the other members about its use were
 * checked before. `jose` freezes the keys that it imports, so it must not get the original.
 */
export function jwkOf(value: unknown, members: readonly string[]): JWK {
  const texts = members.map((name) => [name, stringMember(value, name)] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined));
}
