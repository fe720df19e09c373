// @ts-check
/**
 * The back end that is no server: the package itself, in this page, over sample sessions in its
 * memory.
 *
 * @module
 */

/** @import { Backend } from "./backend.js" */

import { currentAddress } from "./address.js";
import { answerLogout, demoClients } from "./demo-clients.js";
import { fillSessions } from "./demo-sessions.js";
import { ADMINISTRATOR } from "./demo-subjects.js";
import { SessionManagement } from "./pkg/entry/browser.js";
import { memoryStores } from "./pkg/entry/memory-browser.js";
import { Problem } from "./problem.js";

/** @returns {Promise<Backend>} */
export async function demoBackend() {
  const stores = memoryStores();
  await fillSessions(stores);
  const management = new SessionManagement({
    ...stores,
    clients: (clientId) => demoClients.get(clientId),
    sendLogout: answerLogout,
  });
  const guard = () => assertSignedIn(management);
  return {
    isDemo: true,
    me: async () => ADMINISTRATOR,
    query: async (query, options) => {
      await guard();
      return management.querySessions(query, options);
    },
    remove: async ({ includeOwn: _, ...context }, options) => {
      await guard();
      return management.removeSessions({ ...context, actor: ADMINISTRATOR.subjectId }, options);
    },
  };
}

/**
 * What a server does before each call of its admin API: who ended their own session has to sign in
 * again.
 *
 * @param {SessionManagement} management
 */
async function assertSignedIn(management) {
  const { subjectId, sessionId } = ADMINISTRATOR;
  const { results } = await management.querySessions({
    subjectId,
    sessionId,
    state: "active",
    countRequested: 1,
    count: "none",
  });
  if (results.length > 0) return;
  throw new Problem("not_signed_in", "you ended your own session", { signInUrl: currentAddress() });
}
