// What the package does not have yet, and a delivery pass until it has `LogoutDelivery`.
import * as rollcall from "../../pkg/entry/node.js";

/** The operations that cannot be tested yet. */
export const MISSING = new Set([
  ...(rollcall.SessionCoordination === undefined ? ["an expiry pass"] : []),
  ...(rollcall.LogoutDelivery === undefined ? ["a delivery pass"] : []),
]);

export async function deliverDue(host, { leaseFor }) {
  const due = await host.outbox.claim({ now: host.now(), limit: 100, leaseFor });
  for (const notification of due) {
    const client = await host.clients(notification.clientId);
    const iat = Math.floor(host.now() / 1_000);
    const claims = {
      aud: notification.clientId,
      iat,
      exp: iat + 120,
      jti: crypto.randomUUID(),
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
      sub: notification.subjectId,
      sid: notification.sessionId,
      logout_reason: notification.reason,
    };
    const outcome = await host.sendLogout({ ...notification, client, claims }, {});
    const { error, status } = outcome;
    await host.outbox.settle(
      notification.id,
      outcome.delivered ? { state: "delivered", status } : { nextAttempt: host.now() + 1_000, error, status },
    );
  }
  return { more: false };
}
