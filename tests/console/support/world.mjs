/**
 * The sessions, grants and clients of the console's tests, the same in both modes.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { memoryContents, memoryStores } from "../../../pkg/entry/memory-node.js";

/** The administrator's own session, as the browser mode has it. */
export const OWN = {
  subjectId: "avery",
  sessionId: "avery-this-browser",
  displayName: "Avery Admin",
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const CHROME =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";

/** Bob's sessions, newest first. His clients are notified as `clients.mjs` of the demo says. */
export const BOB = { subjectId: "bob", displayName: "Bob Baker" };

/** A name that is harmless only as long as it stays a string. */
export const HOSTILE = `"><img src=x onerror="document.title='taken'"><b>`;

/**
 * @param {object} [options]
 * @param {number} [options.others] how many more sessions there are, one per subject
 * @returns {Promise<object>} the contents of memory stores
 */
export async function world({ others = 60 } = {}) {
  const now = Date.now();
  const stores = memoryStores();
  let number = 0;
  const create = (session) =>
    stores.sessions.create({
      key: createHash("sha256").update(`key ${number++}`).digest("hex"),
      scheme: "default",
      displayNameFolded: session.displayName?.toLowerCase(),
      renewed: session.created,
      ...session,
      clients: (session.clients ?? []).map((clientId) => ({ clientId })),
    });
  for (let index = others; index > 0; index--) {
    await create({
      subjectId: `user-${index}`,
      sessionId: `session-${index}`,
      displayName: `User ${index}`,
      created: now - 3 * DAY - index * HOUR,
      expires: now + 11 * DAY + 30 * MINUTE,
      clients: index % 2 === 0 ? ["wiki"] : ["shop"],
      ipAddress: "192.0.2.10",
      userAgent: CHROME,
    });
  }
  await create({
    subjectId: "hostile",
    sessionId: "hostile-1",
    displayName: HOSTILE,
    created: now - 2 * DAY,
    clients: ["web"],
    attributes: { country: HOSTILE },
  });
  await create({
    subjectId: "rania",
    sessionId: "rania-1",
    displayName: "رانيا (admin)",
    created: now - 26 * HOUR,
    expires: now - HOUR,
    clients: ["web"],
  });
  for (const [index, clients] of [["web"], ["shop", "web"], ["shop", "web", "payroll"]].entries()) {
    await create({
      ...BOB,
      sessionId: `bob-${index + 1}`,
      created: now - (10 - index) * HOUR,
      expires: now + 9 * DAY + 30 * MINUTE,
      clients,
      ipAddress: "198.51.100.7",
      userAgent: index === 1 ? IPHONE : CHROME,
      attributes: { country: "NZ" },
    });
  }
  await create({
    ...OWN,
    created: now - 5 * MINUTE,
    expires: now + DAY,
    clients: ["console"],
    userAgent: CHROME,
  });
  for (const [index, type] of ["refresh_token", "reference_token", "user_consent"].entries()) {
    await stores.grants.store({
      key: `grant-${index}`,
      type,
      subjectId: BOB.subjectId,
      clientId: "shop",
      created: new Date(now - HOUR),
      data: "",
      ...(type !== "user_consent" && { sessionId: `bob-${index + 2}` }),
    });
  }
  return memoryContents(stores);
}
