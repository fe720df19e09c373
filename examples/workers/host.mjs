// The parts of the host that these Workers share. README.md describes the settings.
import { backChannelSender } from "rollcall/logout";

/**
 * An invocation has six connections that wait for a response. With more attempts at once, some
 * would spend their timeout waiting for a connection.
 */
const CONCURRENCY = 6;

/** `delivery`: the delivery options of this Worker. */
export function hostOf(env, delivery = {}) {
  return {
    // In production, look them up where your provider stores its registrations.
    clients: (clientId) => env.CLIENTS.find((client) => client.clientId === clientId),
    sendLogout: backChannelSender({
      issuer: env.ISSUER,
      signingKeys: JSON.parse(env.SIGNING_KEYS),
      allowInsecure: env.ALLOW_INSECURE === true,
    }),
    delivery: { concurrency: CONCURRENCY, ...delivery, ...env.DELIVERY },
  };
}
