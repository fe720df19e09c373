/**
 * The options of the sender, and their check.
 *
 * @module
 */
import { hostTransport } from "#transport";
import { RollcallError } from "../errors.js";
import type { AddressPolicy, ResolveHostname } from "./address.js";
import type { ClientSecret } from "./client-secret.js";
import { type Fetch, fetchTransport } from "./fetch-transport.js";
import type { Transport } from "./http.js";
import type { SignLogoutToken } from "./signing.js";
import type { SigningKey } from "./signing-keys.js";

/**
 * What is allowed although it is not safe; for development, and for clients inside the provider's
 * own network.
 */
export interface AllowInsecure {
  /** Plain http, for logout URIs, key set URIs and the issuer. */
  http?: boolean;
  /** Addresses and names that are not public: loopback, private, link-local and the like. */
  privateAddresses?: boolean;
}

/** The options of `backChannelSender`. */
export interface BackChannelSenderOptions {
  /** The provider's issuer identifier: the `iss` of a token whose session does not know its own. */
  issuer: string;
  /**
   * The provider's private keys, with `kid` and `alg`; the first with the algorithm that the client
   * registered signs. Or a function that signs, for keys that are kept elsewhere.
   */
  signingKeys: readonly SigningKey[] | SignLogoutToken;
  /**
   * Looks up a client's secret in the clear. Only needed for clients that registered a symmetric
   * algorithm: HS256, HS384 or HS512 for signatures, A128KW and the like or `dir` for encryption.
   */
  clientSecret?: ClientSecret;
  /**
   * What requests are made with: the way to a proxy. Default: the host's own `fetch`, but on Node
   * `node:http` and `node:https`, which refuse to connect to an address that is not public.
   */
  fetch?: Fetch;
  /** How long one attempt may take in all, in milliseconds: 1 to 120,000. Default 5,000. */
  timeout?: number;
  /** `true` allows all that `AllowInsecure` has. Default `false`. */
  allowInsecure?: boolean | AllowInsecure;
  /**
   * Looks up all addresses of a host name before anything is sent, each of which must be public.
   * Without it, and with `fetch`, only addresses and names that are written in the URL are checked.
   */
  resolve?: ResolveHostname;
}

/** The options with their defaults, checked. */
export interface Settings {
  issuer: string;
  signingKeys: readonly SigningKey[] | SignLogoutToken;
  clientSecret: ClientSecret | undefined;
  transport: Transport;
  timeout: number;
  policy: AddressPolicy;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof BackChannelSenderOptions>([
  "issuer",
  "signingKeys",
  "clientSecret",
  "fetch",
  "timeout",
  "allowInsecure",
  "resolve",
]);

const INSECURE: ReadonlySet<string> = new Set<keyof AllowInsecure>(["http", "privateAddresses"]);

/**
 * A token lives two minutes (OpenID Connect Back-Channel Logout 1.0, section 4): no use in sending
 * it for longer.
 */
const LONGEST_TIMEOUT = 120_000;

/**
 * @throws {RollcallError} `invalid_argument`, naming the option. `signingKeys` is checked where the
 * keys are used.
 */
export function checkedOptions(options: BackChannelSenderOptions): Settings {
  checkNames("the options", options, OPTIONS);
  const { issuer, signingKeys, clientSecret, fetch, timeout = 5_000, resolve } = options;
  const allowed = checkedAllowInsecure(options.allowInsecure ?? false);
  checkIssuer(issuer, allowed.http);
  for (const [name, value] of Object.entries({ clientSecret, fetch, resolve })) {
    if (value !== undefined && typeof value !== "function") {
      throw invalid(`\`${name}\` must be a function`);
    }
  }
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > LONGEST_TIMEOUT) {
    throw invalid(
      `\`timeout\` must be a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT}`,
    );
  }
  const policy = { ...allowed, resolve };
  const transport = fetch === undefined ? hostTransport(policy) : fetchTransport(fetch);
  return { issuer, signingKeys, clientSecret, transport, timeout, policy };
}

function checkNames(what: string, value: unknown, known: ReadonlySet<string>): void {
  if (typeof value !== "object" || value === null) {
    throw invalid(`${what} must be an object`);
  }
  const unknown = Object.keys(value).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw invalid(
      `unknown option \`${unknown}\`; ${what} can have ${[...known].map((name) => `\`${name}\``).join(", ")}`,
    );
  }
}

function checkedAllowInsecure(allow: boolean | AllowInsecure): {
  http: boolean;
  privateAddresses: boolean;
} {
  if (typeof allow === "boolean") {
    return { http: allow, privateAddresses: allow };
  }
  checkNames("`allowInsecure`", allow, INSECURE);
  const { http = false, privateAddresses = false } = allow;
  for (const [name, value] of Object.entries({ http, privateAddresses })) {
    if (typeof value !== "boolean") {
      throw invalid(`\`allowInsecure.${name}\` must be true or false`);
    }
  }
  return { http, privateAddresses };
}

/** OpenID Connect Core 1.0, section 1.2: a URL with https and without query and fragment. */
function checkIssuer(issuer: unknown, http: boolean): void {
  if (typeof issuer !== "string" || !URL.canParse(issuer) || /[?#]/.test(issuer)) {
    throw invalid(
      "`issuer` must be the provider's issuer identifier: a URL without query and fragment",
    );
  }
  if (!issuer.startsWith("https://") && !(http && issuer.startsWith("http://"))) {
    throw invalid("`issuer` must be an https URL, or `allowInsecure` must allow http");
  }
}

function invalid(message: string): RollcallError {
  return new RollcallError("invalid_argument", message);
}
