/**
 * Where the sender may send to. A client's registration is input from outside: without these rules
 * a client could make the provider send requests into its own network (server-side request
 * forgery).
 *
 * @module
 */
import ipaddr from "ipaddr.js";
import { invalidArgument } from "../errors.js";
import type { MaybePromise } from "../types.js";
import { callHost } from "./attempt.js";
import { Undelivered } from "./undelivered.js";

/** Looks up all the addresses of a host name. */
export type ResolveHostname = (hostname: string) => MaybePromise<readonly string[]>;

/** What is allowed although it is not safe. */
export interface AddressPolicy {
  /** Plain http. */
  http: boolean;
  /** Addresses and names that are not public. */
  privateAddresses: boolean;
  resolve: ResolveHostname | undefined;
}

/**
 * Names that never lead to a public address: `localhost` (RFC 6761, section 6.3), `local` (RFC
 * 6762, section 3), `home.arpa` (RFC 8375), `internal` (set aside by ICANN in 2024), and what the
 * hosts files of common systems call themselves.
 */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|localdomain|local|home\.arpa|internal)$/;

/** RFC 6052, section 2.1. */
const WELL_KNOWN_NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/**
 * All that is assigned for global unicast so far (RFC 4291, section 2.4, and IANA's registry of
 * IPv6 address space).
 */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Checks a URL of a client's registration before anything is sent to it.
 *
 * @param name What the registration calls it, for the error.
 * @throws {Undelivered} Not retriable: it is no absolute http(s) URL, has a fragment (OpenID
 * Connect Back-Channel Logout 1.0, section 2.2) or credentials, or the policy does not allow its
 * scheme or host. Retriable, when its name cannot be resolved.
 */
export async function checkedUrl(
  name: string,
  text: string,
  policy: AddressPolicy,
  signal: AbortSignal,
): Promise<URL> {
  const url = parsed(name, text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && policy.http)) {
    throw new Undelivered(`\`${name}\` must be an https URL`);
  }
  // An empty fragment is one too, and `URL.hash` does not tell it from none.
  if (text.includes("#")) {
    throw new Undelivered(`\`${name}\` must not have a fragment`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new Undelivered(`\`${name}\` must not have a user name or password`);
  }
  if (!policy.privateAddresses) {
    await checkHost(name, url.hostname, policy.resolve, signal);
  }
  return url;
}

function parsed(name: string, text: unknown): URL {
  // A list of one URL would pass: `URL` makes a string of it.
  if (typeof text !== "string" || !URL.canParse(text)) {
    throw new Undelivered(`\`${name}\` is not an absolute URL`);
  }
  return new URL(text);
}

async function checkHost(
  name: string,
  host: string,
  resolve: ResolveHostname | undefined,
  signal: AbortSignal,
): Promise<void> {
  const hostname = host.replace(/\.+$/, "");
  // `URL` has turned every spelling of an IPv4 address (decimal, octal, hexadecimal, short) into
  // the dotted one.
  const literal = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  if (ipaddr.isValid(literal)) {
    if (!isPublicAddress(literal)) {
      throw new Undelivered(`\`${name}\` points to \`${literal}\`, which is not a public address`);
    }
    return;
  }
  // A name of one label is looked up in the provider's own domain.
  if (!hostname.includes(".") || PRIVATE_NAME.test(hostname)) {
    throw new Undelivered(`\`${name}\` points to \`${hostname}\`, which is not a public name`);
  }
  if (resolve !== undefined) {
    await checkResolved(name, hostname, resolve, signal);
  }
}

async function checkResolved(
  name: string,
  hostname: string,
  resolve: ResolveHostname,
  signal: AbortSignal,
): Promise<void> {
  const addresses: unknown = await callHost("resolve", signal, () => resolve(hostname));
  if (!Array.isArray(addresses) || !addresses.every((address) => typeof address === "string")) {
    throw new Undelivered("`resolve` must return an array of addresses");
  }
  if (addresses.length === 0) {
    throw new Undelivered(`\`${hostname}\` has no address`, { retry: true });
  }
  const refused = addresses.find((address) => !isPublicAddress(address));
  if (refused !== undefined) {
    throw new Undelivered(
      `\`${name}\` points to \`${hostname}\` at \`${refused}\`, which is not a public address`,
    );
  }
}

/**
 * Whether an IP address is a public one: globally reachable unicast by the special-purpose address
 * registries (RFC 6890).
 *
 * Private, loopback, link-local, unspecified, multicast, shared (RFC 6598), unique-local,
 * documentation and reserved addresses are not, nor are IPv6 addresses that carry an IPv4 address
 * (mapped, compatible, 6to4, Teredo). One exception: an address under the well-known NAT64 prefix
 * (RFC 6052) is as public as the IPv4 address in it, for that is what names resolve to in a network
 * that has IPv6 only. A string that is no IP address is not public.
 *
 * For the host that checks addresses where it connects, which is the only place that no change of
 * DNS can slip past.
 *
 * @throws {RollcallError} `invalid_argument` for anything but a string.
 */
export function isPublicAddress(address: string): boolean {
  if (typeof address !== "string") {
    throw invalidArgument("the argument of `isPublicAddress` must be an IP address as a string");
  }
  if (!ipaddr.isValid(address)) {
    return false;
  }
  const parsedAddress = ipaddr.parse(address);
  if (parsedAddress instanceof ipaddr.IPv4) {
    return parsedAddress.range() === "unicast";
  }
  if (parsedAddress.match(WELL_KNOWN_NAT64)) {
    return new ipaddr.IPv4(parsedAddress.toByteArray().slice(12)).range() === "unicast";
  }
  return parsedAddress.range() === "unicast" && parsedAddress.match(GLOBAL_UNICAST);
}
