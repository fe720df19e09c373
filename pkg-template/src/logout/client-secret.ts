/**
 * The secret that a client shares with the provider, for symmetric signatures and encryption.
 *
 * @module
 */
import type { Client, MaybePromise } from "../types.js";
import { callHost } from "./attempt.js";
import { DeliveryFailure } from "./delivery-failure.js";

/** Looks up the plain secret of a client. */
export type ClientSecret = (clientId: string) => MaybePromise<string | undefined>;

/**
 * The octets of a client's secret, from which the key for `alg` is made (OpenID Connect Core 1.0,
 * sections 10.1 and 10.2).
 */
export async function secretOf(
  client: Client,
  alg: string,
  clientSecret: ClientSecret | undefined,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (clientSecret === undefined) {
    throw new DeliveryFailure(`\`${alg}\` needs the client's secret: set \`clientSecret\``);
  }
  const secret: unknown = await callHost("clientSecret", signal, () =>
    clientSecret(client.clientId),
  );
  if (typeof secret !== "string" || secret === "") {
    throw new DeliveryFailure(
      `\`${alg}\` needs the client's secret, but \`clientSecret\` returned none`,
    );
  }
  return new TextEncoder().encode(secret);
}
