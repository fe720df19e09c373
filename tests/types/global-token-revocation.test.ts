// The endpoint of Global Token Revocation, as a host mounts it. Only compiled, never run.

import { createRemoteJWKSet, type JSONWebKeySet } from "jose";
import { SessionManagement } from "rollcall";
import {
  type Authorization,
  type Caller,
  type GlobalTokenRevocationHandler,
  type GlobalTokenRevocationOptions,
  globalTokenRevocation,
  type IssuerKeys,
  type JwtCaller,
  type JwtUse,
  type PrivateKeyJwtOptions,
  privateKeyJwt,
  type SubjectFormat,
  type SubjectIdentifier,
} from "rollcall/global-token-revocation";
import { memoryStores } from "rollcall/memory";

declare const users: {
  byEmail(email: string, tenant?: string): Promise<string | undefined>;
  byLogin(issuer: string, subject: string): Promise<string | null>;
};
declare const secret: (request: Request) => Promise<boolean>;
declare const cache: { add(key: string, until: Date): Promise<boolean> };
declare const registered: Map<string, JSONWebKeySet>;

const management = new SessionManagement(memoryStores());

/** With a check that only accepts or refuses. */
export const smallest: GlobalTokenRevocationHandler = globalTokenRevocation({
  management,
  authorize: secret,
  resolveSubject: (subId) => (subId.format === "email" ? users.byEmail(subId.email) : undefined),
});

/** `resolveSubject` gets the caller that `authorize` returned. */
export const byTenant = globalTokenRevocation({
  management,
  authorize: async (request) => {
    const token = request.headers.get("authorization");
    if (token === null) return false;
    return token.endsWith("admin") ? { actor: "siem", tenant: "acme" } : "forbidden";
  },
  resolveSubject: (subId, { tenant, actor }) => {
    const known: [string, string] = [tenant, actor];
    return subId.format === "email" ? users.byEmail(subId.email, known[0]) : undefined;
  },
});

/** With signed tokens. The keys are a set or a function, or a promise of either. */
const byJwt = privateKeyJwt({
  audience: "https://id.example.com/global-token-revocation",
  keys: async (issuer): Promise<IssuerKeys | undefined> =>
    registered.get(issuer) ?? createRemoteJWKSet(new URL("https://idp.example.com/jwks")),
  isFirstUse: ({ issuer, jti, expires }: JwtUse) => cache.add(`${issuer} ${jti}`, expires),
});
/** Or the keys are looked up by issuer. */
const { audience, isFirstUse } = {} as PrivateKeyJwtOptions;
privateKeyJwt({ audience, isFirstUse, keys: registered });
privateKeyJwt({
  audience,
  isFirstUse,
  keys: {
    "https://idp.example.com/": createRemoteJWKSet(new URL("https://idp.example.com/jwks")),
    "https://idp.example.org/": { keys: [] },
  },
});
// @ts-expect-error: a list of keys has no issuer
privateKeyJwt({ audience, isFirstUse, keys: [{ kty: "RSA" }] });
export const caller: (request: Request) => Promise<JwtCaller | false> = byJwt;

export const fullest = globalTokenRevocation({
  management,
  authorize: byJwt,
  resolveSubject: async (subId, { issuer, subject }) => {
    console.log(subject);
    return subId.format === "iss_sub" && subId.iss === issuer
      ? users.byLogin(subId.iss, subId.sub)
      : null;
  },
  formats: ["iss_sub", "aliases"],
  revokeConsents: true,
  reason: "incident response",
  challenge: "Bearer",
  onError: (error: unknown) => console.error(error),
});

/** It answers a `Request` with a `Response`. */
export const server: { fetch(request: Request): Promise<Response> } = { fetch: fullest };

/** Every format has its own members. */
export function text(subId: SubjectIdentifier): string {
  switch (subId.format) {
    case "account":
    case "uri":
      return subId.uri;
    case "email":
      return subId.email;
    case "iss_sub":
      return `${subId.iss} ${subId.sub}`;
    case "opaque":
      return subId.id;
    case "phone_number":
      return subId.phone_number;
    case "did":
      return subId.url;
  }
}

export const formats: SubjectFormat[] = [
  "account",
  "email",
  "iss_sub",
  "opaque",
  "phone_number",
  "did",
  "uri",
  "aliases",
];
export const answers: Authorization<Caller>[] = [{ actor: "siem" }, {}, false, "forbidden"];
export const anything: Pick<GlobalTokenRevocationOptions, "authorize"> = { authorize: () => true };

// @ts-expect-error: `authorize` is needed
globalTokenRevocation({ management, resolveSubject: () => undefined });
globalTokenRevocation({
  management,
  // @ts-expect-error: an unknown string
  authorize: () => "unauthenticated",
  resolveSubject: () => undefined,
});
// @ts-expect-error: an answer is needed
globalTokenRevocation({ management, authorize: () => {}, resolveSubject: () => undefined });
globalTokenRevocation({
  management,
  authorize: () => true,
  // @ts-expect-error: a subject needs an id
  resolveSubject: () => ({ id: "alice" }),
});
// @ts-expect-error: `authorize` returns no such member
globalTokenRevocation({ management, authorize: byJwt, resolveSubject: (_, { tenant }) => tenant });
globalTokenRevocation({
  management,
  authorize: () => true,
  resolveSubject: () => undefined,
  // @ts-expect-error: no such format
  formats: ["fax"],
});
globalTokenRevocation({
  management,
  authorize: () => true,
  resolveSubject: () => undefined,
  // @ts-expect-error: no such option
  audience: "",
});
// @ts-expect-error: `isFirstUse` is needed
privateKeyJwt({ audience: "https://id.example.com/revoke", keys: () => undefined });
// @ts-expect-error: aliases are passed one by one
export const aliases: SubjectIdentifier = { format: "aliases", identifiers: [] };
