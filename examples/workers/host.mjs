// What each of these Workers injects beside its stores. The settings come from its environment: see
// README.md.
import { backChannelSender } from "rollcall/logout";

/**
 * An invocation has six connections that wait for an answer; an attempt that waits for one of these
 * would use up its time.
 */
const CONCURRENCY = 6;

/** `delivery`: what this Worker sets of the delivery options. */
export function hostOf(env, delivery = {}) {
  return {
    // In earnest these are looked up where your provider keeps its registrations.
    clients: (clientId) => env.CLIENTS.find((client) => client.clientId === clientId),
    sendLogout: backChannelSender({
      issuer: env.ISSUER,
      signingKeys: JSON.parse(env.SIGNING_KEYS),
      allowInsecure: env.ALLOW_INSECURE === true,
    }),
    delivery: { concurrency: CONCURRENCY, ...delivery, ...env.DELIVERY },
  };
}
