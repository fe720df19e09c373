// The sender, as a provider creates it. Only compiled, never run.

import type {
  Client,
  Delivery,
  Host,
  LogoutMessage,
  LogoutOutcome,
  LogoutTokenClaims,
  SecurityEventClaims,
} from "rollcall";
import {
  type AllowInsecure,
  type BackChannelSender,
  type BackChannelSenderOptions,
  backChannelSender,
  isPublicAddress,
  type SigningKey,
  type SignLogoutToken,
} from "rollcall/logout";

declare const issuer: string;
declare const keyFromJose: {
  kty: string;
  kid: string;
  alg: string;
  n?: string;
  e?: string;
  key_ops?: string[];
};

/** A frozen list of frozen keys is accepted, and a key can have any other member of a JWK. */
const signingKeys: readonly SigningKey[] = [
  keyFromJose,
  { kty: "OKP", crv: "Ed25519", kid: "2026", alg: "EdDSA", x: "", d: "" },
];

export const smallest: BackChannelSender = backChannelSender({ issuer, signingKeys });

export const inDevelopment = backChannelSender({
  issuer: "http://localhost:3000",
  signingKeys,
  allowInsecure: true,
});

const allowInsecure: AllowInsecure = { privateAddresses: true };
const options: BackChannelSenderOptions = {
  issuer,
  signingKeys,
  clientSecret: (clientId) => (clientId === "shop" ? "secret" : undefined),
  fetch: (url, init) => fetch(url, { ...init, keepalive: false }),
  timeout: 2_000,
  allowInsecure,
  resolve: async (hostname) => (isPublicAddress(hostname) ? [hostname] : []),
};
export const fullest = backChannelSender(options);

export const byProxy = backChannelSender({ issuer, signingKeys, proxy: "environment" });
// @ts-expect-error: the address comes from the environment
backChannelSender({ issuer, signingKeys, proxy: "http://proxy.example.com" });

/** The host's own `fetch` is accepted. */
export const withPlainFetch = backChannelSender({ issuer, signingKeys, fetch: globalThis.fetch });

/** A key management service signs, and gets the data that it needs. */
const sign: SignLogoutToken = async (claims, { alg, client, header, signal }) => {
  const protectedHeader: { alg: string; typ: "logout+jwt" | "JWT" | "secevent+jwt" } = header;
  const issuedBy: string = claims.iss;
  const response = await fetch(`https://kms.example.com/${alg}/${client.clientId}`, {
    method: "POST",
    body: JSON.stringify({ protectedHeader, issuedBy, claims }),
    signal,
  });
  return response.text();
};
export const withFunction = backChannelSender({ issuer, signingKeys: sign });

/** It's a host's sender, directly or wrapped in a function of the host. */
export const host: Pick<Host, "sendLogout"> = { sendLogout: smallest };
export const logging: Pick<Host, "sendLogout"> = {
  sendLogout: async (message, { signal }) =>
    report(await smallest(message, signal === undefined ? {} : { signal })),
};

/** A caller can pass a signal that may be undefined. */
export function send(message: LogoutMessage, signal?: AbortSignal): Promise<LogoutOutcome> {
  return smallest(message, { signal });
}
export const withoutOptions = (message: LogoutMessage): Promise<LogoutOutcome> => smallest(message);

/** `delivered` determines the members of an outcome. */
function report(outcome: LogoutOutcome): LogoutOutcome {
  if (outcome.delivered) {
    // @ts-expect-error: a success has no error
    outcome.error;
    return outcome;
  }
  const { error, retry }: { error: string; retry: boolean } = outcome;
  const seconds: number = outcome.retryAfter ?? 60;
  console.log(error, retry ? `again in ${seconds} s` : "given up");
  return outcome;
}

/** A sender of the host needs only the types of this package, and can return a plain value. */
export const byMail: NonNullable<Host["sendLogout"]> = (message) => {
  const { client } = message;
  if (message.kind === "session_revoked") {
    const { sub_id, events }: SecurityEventClaims = message.claims;
    const { event_timestamp } =
      events["https://schemas.openid.net/secevent/caep/event-type/session-revoked"];
    const user =
      sub_id.format === "complex"
        ? sub_id.user.sub
        : sub_id.format === "iss_sub"
          ? sub_id.sub
          : sub_id.id;
    // @ts-expect-error: an event does not expire
    message.claims.exp;
    return { delivered: false, retry: false, error: `${user} left at ${event_timestamp}` };
  }
  const { sub, sid }: LogoutTokenClaims = message.claims;
  return client.enabled === false
    ? { delivered: false, retry: false, error: `${sub ?? sid} has left` }
    : { delivered: true };
};

/** The message of a logout token needs no `kind`. */
declare const claims: LogoutTokenClaims;
declare const client: Client;
export const message: LogoutMessage = {
  id: "1",
  clientId: "shop",
  reason: "terminated",
  attempt: 0,
  created: 0,
  client,
  claims,
};

export const taker: Client = {
  clientId: "shop",
  securityEventUri: "https://shop.example.com/events",
  securityEventAuthorization: "Bearer token",
};

/** How a client is notified. A registry can have `undefined` for members that aren't registered. */
export const brief: Client = {
  clientId: "shop",
  backChannelLogoutBy: "subject",
  logoutTokenType: "JWT",
};
export const usual: Client = {
  clientId: "shop",
  backChannelLogoutBy: "session",
  logoutTokenType: "logout+jwt",
};
export const plain: Client = {
  clientId: "shop",
  backChannelLogoutBy: undefined,
  logoutTokenType: undefined,
};
// @ts-expect-error: by subject or by session
export const byUser: Client = { clientId: "shop", backChannelLogoutBy: "user" };
// @ts-expect-error: not a type of logout tokens
export const typed: Client = { clientId: "shop", logoutTokenType: "secevent+jwt" };

/** A delivery has the kind of its notification. */
export const isEvent = ({ kind = "logout" }: Delivery): boolean => kind === "session_revoked";

// @ts-expect-error: the claims of a logout token are not those of an event
export const mixed: LogoutMessage = { ...message, kind: "session_revoked" };

// @ts-expect-error: an issuer is needed
backChannelSender({ signingKeys });
// @ts-expect-error: keys are needed
backChannelSender({ issuer });
// @ts-expect-error: no such option
backChannelSender({ issuer, signingKeys, clients: [] });
// @ts-expect-error: a key needs an id and an algorithm
backChannelSender({ issuer, signingKeys: [{ kty: "RSA" }] });
// @ts-expect-error: a function that signs returns a string
backChannelSender({ issuer, signingKeys: () => ({ token: "" }) });
// @ts-expect-error: no such permission
backChannelSender({ issuer, signingKeys, allowInsecure: { loopback: true } });
// @ts-expect-error: milliseconds
backChannelSender({ issuer, signingKeys, timeout: "5s" });
backChannelSender({
  issuer,
  signingKeys,
  // @ts-expect-error: addresses are strings
  resolve: () => [{ address: "93.184.216.34", family: 4 }],
});
// @ts-expect-error: a failure needs an error
export const silent: LogoutOutcome = { delivered: false, retry: true };
