/**
 * The options of the sender, and their check.
 *
 * @module
 */
import { hostTransport } from "#transport";
import { invalidArgument } from "../errors.js";
import { optionsObject, requiredFunction } from "../options.js";
import { isPlainObject } from "../plain-object.js";
import type { Transport } from "./client-request.js";
import type { ClientSecret } from "./client-secret.js";
import { type Fetch, fetchTransport } from "./fetch-transport.js";
import type { AddressPolicy, ResolveHostname } from "./private-addresses.js";
import type { SignLogoutToken } from "./signing.js";
import type { SigningKey } from "./signing-keys.js";

/** Unsafe choices, for development and for clients inside the provider's own network. */
export interface AllowInsecure {
  /** Plain http, for logout URIs, key set URIs and the issuer. */
  http?: boolean | undefined;
  /** Addresses and names that are not public: loopback, private, link-local and so on. */
  privateAddresses?: boolean | undefined;
}

/**
 * The options of `backChannelSender`.
 *
 * @example
 * // For development: clients on the same machine, over http.
 * const options: BackChannelSenderOptions = {
 *   issuer: "http://localhost:3000",
 *   signingKeys,
 *   allowInsecure: true,
 * };
 */
export interface BackChannelSenderOptions {
  /**
   * The provider's issuer identifier: the `iss` of a token if the session doesn't have an issuer.
   */
  issuer: string;
  /**
   * The provider's private keys, with `kid` and `alg`. The first key with the client's registered
   * algorithm signs. Pass a function instead to sign with keys that are kept elsewhere.
   */
  signingKeys: readonly SigningKey[] | SignLogoutToken;
  /**
   * Looks up the plain secret of a client. Only needed if clients register a symmetric algorithm:
   * HS256, HS384 or HS512 for signatures; A128KW and similar, or `dir`, for encryption.
   */
  clientSecret?: ClientSecret | undefined;
  /**
   * Sends the requests. Default: the host's own `fetch`, except on Node: `node:http` and
   * `node:https`, which refuse to connect to an address that is not public.
   */
  fetch?: Fetch | undefined;
  /**
   * `"environment"`: requests use the proxies in `HTTPS_PROXY` and `HTTP_PROXY`, except to the
   * hosts in `NO_PROXY`. A proxy resolves names itself, so their addresses aren't checked here.
   * Needs Node 22.21, 24.5 or later; elsewhere pass a `fetch`. Default: no proxy, regardless of the
   * environment.
   */
  proxy?: "environment" | undefined;
  /** The longest duration of one attempt, in milliseconds: 1 to 120,000. Default 5,000. */
  timeout?: number | undefined;
  /** `true` allows everything in `AllowInsecure`. Default `false`. */
  allowInsecure?: boolean | AllowInsecure | undefined;
  /**
   * Looks up all addresses of a host name before anything is sent; each of them must be public.
   * Without it, and with `fetch`, only addresses and names in the URL itself are checked.
   */
  resolve?: ResolveHostname | undefined;
}

/** The options with their defaults, checked. */
export interface Settings {
  issuer: string;
  signingKeys: readonly SigningKey[] | SignLogoutToken | undefined;
  clientSecret: ClientSecret | undefined;
  transport: Transport;
  timeout: number;
  policy: AddressPolicy;
}

const OPTIONS: readonly (keyof BackChannelSenderOptions)[] = [
  "issuer",
  "signingKeys",
  "clientSecret",
  "fetch",
  "proxy",
  "timeout",
  "allowInsecure",
  "resolve",
];

const INSECURE: readonly (keyof AllowInsecure)[] = ["http", "privateAddresses"];

/**
 * A token is valid for two minutes (OpenID Connect Back-Channel Logout 1.0, section 4), so a longer
 * attempt would be useless.
 */
const LONGEST_TIMEOUT = 120_000;

/**
 * @throws {RollcallError} `invalid_argument`, naming the option. `signingKeys` is checked where the
 * keys are used.
 */
export function checkedOptions(options: BackChannelSenderOptions): Settings {
  const {
    issuer,
    signingKeys,
    clientSecret,
    fetch,
    proxy,
    timeout = 5_000,
    resolve,
    allowInsecure,
  } = optionsObject(options, "the options of `backChannelSender`", OPTIONS);
  const allowed = checkedAllowInsecure(allowInsecure ?? false);
  for (const [name, value] of Object.entries({ clientSecret, fetch, resolve })) {
    if (value !== undefined) requiredFunction(value, name);
  }
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > LONGEST_TIMEOUT) {
    throw invalidArgument(
      `\`timeout\` must be a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT}`,
    );
  }
  const usesProxy = checkedProxy(proxy, fetch);
  const policy = { ...allowed, resolve };
  const transport = fetch === undefined ? hostTransport(policy, usesProxy) : fetchTransport(fetch);
  return {
    issuer: checkedIssuer(issuer, allowed.http),
    signingKeys,
    clientSecret,
    transport,
    timeout,
    policy,
  };
}

function checkedProxy(proxy: unknown, fetch: Fetch | undefined): boolean {
  if (proxy !== undefined && proxy !== "environment") {
    throw invalidArgument('`proxy` must be "environment"');
  }
  if (proxy !== undefined && fetch !== undefined) {
    throw invalidArgument("`proxy` doesn't apply to your own `fetch`: pass only one of the two");
  }
  return proxy !== undefined;
}

function checkedAllowInsecure(allow: boolean | AllowInsecure): {
  http: boolean;
  privateAddresses: boolean;
} {
  if (typeof allow === "boolean") {
    return { http: allow, privateAddresses: allow };
  }
  if (!isPlainObject(allow)) {
    throw invalidArgument(
      "`allowInsecure` must be true, false, or a plain object with `http` and `privateAddresses`",
    );
  }
  const { http = false, privateAddresses = false } = optionsObject(
    allow,
    "`allowInsecure`",
    INSECURE,
  );
  for (const [name, value] of Object.entries({ http, privateAddresses })) {
    if (typeof value !== "boolean") {
      throw invalidArgument(`\`allowInsecure.${name}\` must be true or false`);
    }
  }
  return { http, privateAddresses };
}

/** OpenID Connect Core 1.0, section 1.2: a URL with https and without query and fragment. */
function checkedIssuer(issuer: unknown, http: boolean): string {
  if (typeof issuer !== "string" || !URL.canParse(issuer) || /[?#]/.test(issuer)) {
    throw invalidArgument(
      "`issuer` must be the provider's issuer identifier: a URL without query and fragment",
    );
  }
  if (!issuer.startsWith("https://") && !(http && issuer.startsWith("http://"))) {
    throw invalidArgument("`issuer` must be an https URL, or `allowInsecure` must allow http");
  }
  return issuer;
}
