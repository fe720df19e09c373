/**
 * The public keys of clients, from their registration or fetched from their `jwksUri` and cached.
 *
 * @module
 */
import type { JWK } from "jose";
import type { Client } from "../types.js";
import { isRetriable } from "./answer.js";
import { exchange, type HttpRequest, type Transport } from "./client-request.js";
import { DeliveryFailure } from "./delivery-failure.js";
import { jwkOf } from "./jwk.js";
import { type AddressPolicy, checkedUrl } from "./private-addresses.js";
import { member, stringMember } from "./untrusted.js";

/** The longest key set that is read, in bytes: dozens of keys with certificates. */
const KEY_SET_LIMIT = 65_536;

/** How long a fetched key is cached, in milliseconds. */
const CACHE_TIME = 300_000;

/** The most fetched keys that are cached. The oldest is dropped first. */
const MAX_CACHED = 1_000;

/** Finds the key to encrypt a client's tokens with. */
export class ClientKeys {
  readonly #transport: Transport;
  readonly #policy: AddressPolicy;
  /**
   * Keys by place and algorithm. Only results are cached, never promises: on Cloudflare Workers one
   * request can't wait for the fetch of another.
   */
  readonly #kept = new Map<string, { key: JWK; until: number }>();

  constructor(transport: Transport, policy: AddressPolicy) {
    this.#transport = transport;
    this.#policy = policy;
  }

  /**
   * The client's public key for a key management algorithm.
   *
   * @throws {DeliveryFailure} Not retriable if the client has no such key; otherwise the error of
   * the fetch.
   */
  async forEncryption(client: Client, alg: string, signal: AbortSignal): Promise<JWK> {
    if (client.jwks != null) {
      return chosen(client.jwks, alg, "jwks");
    }
    if (client.jwksUri == null) {
      throw new DeliveryFailure(
        `\`${alg}\` needs a key of the client, which has neither \`jwks\` nor \`jwksUri\``,
      );
    }
    const name = `${alg} ${client.jwksUri}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.until > Date.now()) {
      return kept.key;
    }
    const key = chosen(await this.#fetchKeySet(client.jwksUri, signal), alg, "jwksUri");
    this.#keep(name, key);
    return key;
  }

  async #fetchKeySet(jwksUri: string, signal: AbortSignal): Promise<unknown> {
    const url = await checkedUrl("jwksUri", jwksUri, this.#policy, signal);
    const request: HttpRequest = {
      method: "GET",
      headers: { accept: "application/jwk-set+json, application/json" },
    };
    const answer = await exchange(this.#transport, url, request, () => KEY_SET_LIMIT, signal);
    if (answer.status !== 200) {
      const retry = isRetriable(answer.status);
      throw new DeliveryFailure(`\`jwksUri\` answered ${answer.status}`, {
        retry,
        retryAfter: answer.retryAfter,
      });
    }
    if (answer.end === "limit") {
      throw new DeliveryFailure(`\`jwksUri\` has more than ${KEY_SET_LIMIT} bytes`);
    }
    if (answer.end === "broken") {
      signal.throwIfAborted();
      throw new DeliveryFailure("the answer of `jwksUri` ended early", { retry: true });
    }
    try {
      return JSON.parse(answer.text);
    } catch {
      throw new DeliveryFailure("the answer of `jwksUri` is not JSON");
    }
  }

  #keep(name: string, key: JWK): void {
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= MAX_CACHED) {
      this.#kept.delete(oldest);
    }
    this.#kept.set(name, { key, until: Date.now() + CACHE_TIME });
  }
}

function chosen(keySet: unknown, alg: string, name: string): JWK {
  const keys = member(keySet, "keys");
  if (!Array.isArray(keys)) {
    throw new DeliveryFailure(`\`${name}\` is not a JWK set`);
  }
  const fitting = keys.filter((key) => fits(key, alg));
  // A set may have a signature key of the same type that doesn't declare its use, so keys that
  // declare theirs come first.
  const key: unknown =
    fitting.find((candidate) => stringMember(candidate, "use") === "enc") ?? fitting[0];
  if (key === undefined) {
    throw new DeliveryFailure(`\`${name}\` has no public key for \`${alg}\``);
  }
  return jwkOf(key, ["kty", "kid", "n", "e", "crv", "x", "y"]);
}

/**
 * RFC 7517, section 4: a key without `use`, `key_ops` or `alg` is not restricted in that respect.
 */
function fits(key: unknown, alg: string): boolean {
  const [use, declaredAlg, secret] = ["use", "alg", "d"].map((name) => stringMember(key, name));
  return (
    hasType(key, alg) &&
    secret === undefined &&
    (use === undefined || use === "enc") &&
    (declaredAlg === undefined || declaredAlg === alg) &&
    allowsEncryption(key)
  );
}

function hasType(key: unknown, alg: string): boolean {
  const [kty, crv] = ["kty", "crv"].map((name) => stringMember(key, name));
  if (alg.startsWith("RSA-OAEP")) {
    return kty === "RSA";
  }
  return (
    (kty === "EC" && /^P-(?:256|384|521)$/.test(crv ?? "")) || (kty === "OKP" && crv === "X25519")
  );
}

function allowsEncryption(key: unknown): boolean {
  const operations = member(key, "key_ops");
  // The public half of a key agreement has no operation of its own, so only RSA keys can declare
  // one.
  return (
    !Array.isArray(operations) ||
    stringMember(key, "kty") !== "RSA" ||
    operations.includes("wrapKey") ||
    operations.includes("encrypt")
  );
}
