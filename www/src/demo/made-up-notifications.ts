/**
 * Earlier notifications of the demo.
 *
 * @module
 */

import type { LogoutReason, MemoryContents } from "rollcall";
import { SeededRandom } from "../../../examples/identity-provider/made-up/random.mjs";
import { BUSY, BUSY_ERROR, CLIENTS, STRICT } from "./clients";
import { ISSUER } from "./made-up-sessions";
import { madeUpPerson } from "./people";
import { MINUTE } from "./times";

const COUNT = 120;
const SEED = 7;

type Outbox = MemoryContents["outbox"];

const REASONS: readonly LogoutReason[] = ["terminated", "user_logout", "session_expiration"];

/** Makes up notifications of the last two days: most delivered, some failed, a few pending. */
export function madeUpNotifications(now: number): Outbox {
  const random = new SeededRandom(SEED);
  const registered = CLIENTS.filter(({ registration }) => registration !== undefined);
  const rows = Array.from({ length: COUNT }, (_, index): Outbox["rows"][number] => {
    const { clientId, registration } = random.oneOf(registered);
    const created = now - (COUNT - index) * 24 * MINUTE + random.between(0, 20 * MINUTE);
    const uri = registration?.backChannelLogoutUri ?? registration?.securityEventUri;
    const notification = {
      id: random.hex(4),
      ...(registration?.securityEventUri !== undefined && { kind: "session_revoked" as const }),
      clientId,
      ...(uri !== undefined && { logoutUri: uri }),
      subjectId: madeUpPerson(random.between(0, 1_000)).subjectId,
      sessionId: random.hex(4),
      issuer: ISSUER,
      reason: random.oneOf(REASONS),
      attempt: 1,
      created,
    };
    const at = created + random.between(300, 900);
    const base = { number: index, notification, at };
    if (clientId === STRICT) {
      return { ...base, state: "failed", status: 503, error: BUSY_ERROR };
    }
    if (clientId === BUSY && index > COUNT - 20) {
      const due = now + random.between(1, 9) * MINUTE;
      return { ...base, state: "pending", at: due, status: 503, error: BUSY_ERROR };
    }
    return { ...base, state: "delivered", status: 200 };
  });
  return { next: COUNT, rows };
}
