/**
 * The addresses that the sender may connect to. A client's registration is untrusted input: without
 * these rules a client could make the provider send requests into its own network (server-side
 * request forgery).
 *
 * @module
 */
import ipaddr from "ipaddr.js";
import { invalidArgument } from "../errors.js";
import type { MaybePromise } from "../types.js";
import { callHost } from "./attempt.js";
import { DeliveryFailure } from "./delivery-failure.js";

/** Looks up all addresses of a host name. */
export type ResolveHostname = (hostname: string) => MaybePromise<readonly string[]>;

/** Unsafe choices that are allowed. */
export interface AddressPolicy {
  /** Plain http. */
  http: boolean;
  /** Addresses and names that are not public. */
  privateAddresses: boolean;
  resolve: ResolveHostname | undefined;
}

/**
 * Names that never resolve to a public address: `localhost` (RFC 6761, section 6.3), `local` (RFC
 * 6762, section 3), `home.arpa` (RFC 8375), `internal` (reserved by ICANN in 2024), and the names
 * that the hosts files of common systems give to the machine itself.
 */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|localdomain|local|home\.arpa|internal)$/;

/** RFC 6052, section 2.1. */
const WELL_KNOWN_NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/**
 * Everything assigned for global unicast so far (RFC 4291, section 2.4, and IANA's registry of IPv6
 * address space).
 */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Checks a URL of a client's registration before anything is sent to it.
 *
 * @param name its name in the registration, for the error
 * @throws {DeliveryFailure} Not retriable: it is not an absolute http(s) URL, has a fragment
 * (OpenID Connect Back-Channel Logout 1.0, section 2.2) or credentials, or the policy doesn't allow
 * its scheme or host. Retriable: its name can't be resolved.
 */
export async function checkedUrl(
  name: string,
  text: string,
  policy: AddressPolicy,
  signal: AbortSignal,
): Promise<URL> {
  const url = parsed(name, text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && policy.http)) {
    throw new DeliveryFailure(`\`${name}\` must be an https URL`);
  }
  // An empty fragment counts too, and `URL.hash` can't distinguish it from none.
  if (text.includes("#")) {
    throw new DeliveryFailure(`\`${name}\` must not have a fragment`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new DeliveryFailure(`\`${name}\` must not have a user name or password`);
  }
  if (!policy.privateAddresses) {
    await checkHost(name, url.hostname, policy.resolve, signal);
  }
  return url;
}

function parsed(name: string, text: unknown): URL {
  // An array with one URL would pass, because `URL` converts it to a string.
  if (typeof text !== "string" || !URL.canParse(text)) {
    throw new DeliveryFailure(`\`${name}\` is not an absolute URL`);
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
  // `URL` has normalized every spelling of an IPv4 address (decimal, octal, hexadecimal, short) to
  // the dotted one.
  const literal = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  if (ipaddr.isValid(literal)) {
    if (!isPublicAddress(literal)) {
      throw new DeliveryFailure(
        `\`${name}\` points to \`${literal}\`, which is not a public address`,
      );
    }
    return;
  }
  // A name with a single label is looked up in the provider's own domain.
  if (!hostname.includes(".") || PRIVATE_NAME.test(hostname)) {
    throw new DeliveryFailure(`\`${name}\` points to \`${hostname}\`, which is not a public name`);
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
    throw new DeliveryFailure("`resolve` must return an array of addresses");
  }
  if (addresses.length === 0) {
    throw new DeliveryFailure(`\`${hostname}\` has no address`, { retry: true });
  }
  const refused = addresses.find((address) => !isPublicAddress(address));
  if (refused !== undefined) {
    throw new DeliveryFailure(
      `\`${name}\` points to \`${hostname}\` at \`${refused}\`, which is not a public address`,
    );
  }
}

/**
 * Whether an IP address is public: globally reachable unicast by the special-purpose address
 * registries (RFC 6890).
 *
 * Private, loopback, link-local, unspecified, multicast, shared (RFC 6598), unique-local,
 * documentation and reserved addresses are not public. Neither are IPv6 addresses that contain an
 * IPv4 address (mapped, compatible, 6to4, Teredo), with one exception: an address under the
 * well-known NAT64 prefix (RFC 6052) is as public as its IPv4 address, because names resolve to
 * such addresses in IPv6-only networks. A string that is not an IP address is not public.
 *
 * Use it where your host connects: only a check at that point can't be bypassed by a DNS change.
 *
 * @throws {RollcallError} `invalid_argument` for anything but a string.
 * @example
 * isPublicAddress("10.0.0.7"); // false
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
