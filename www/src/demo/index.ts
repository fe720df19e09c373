/**
 * The browser mode: the page runs the admin API itself, over stores in memory.
 *
 * @module
 */

import { type Host, LogoutDelivery, SessionManagement } from "rollcall";
import { type Actor, adminApi, eventFeed } from "rollcall/http";
import type { Transport } from "../api/client";
import { startBackground } from "./background";
import { answerAtOnce, answerLogout, CLIENTS, clientLookup } from "./clients";
import { withFaults } from "./faults";
import { filledStores } from "./fill";
import { Keeper } from "./keeper";
import { type KeptNote, keptNotes, keptStores } from "./kept";
import { OWN_SESSION_ID } from "./made-up-sessions";
import { type DemoOptions, demoOptions } from "./options";
import { ADMINISTRATOR } from "./people";
import { MAX_AGE, signInIfAsked, signInTemplate, signInTime } from "./step-up";

/** How often due notifications are delivered, in milliseconds. */
const DELIVERY_INTERVAL = 1_000;

let keeper: Keeper | undefined;
let corrections: readonly string[] = [];

/** Starts the demo. `query` is the query of the page's address; see `demoOptions`. */
export async function startDemo(query: URLSearchParams): Promise<Transport> {
  await signInIfAsked(query);
  const options = demoOptions(query);
  corrections = options.corrections;
  const kept = await keptStores(query.has("sessions") ? options.sessions : undefined);
  const stores = kept ?? (await filledStores(options.sessions, Date.now()));
  const saving = new Keeper(stores, options.sessions);
  if (kept === undefined) saving.noteChange({ isUsers: true });
  keeper = saving;
  const events = eventFeed();
  const host: Host = {
    ...stores,
    clients: clientLookup,
    sendLogout: options.hasFaults ? answerAtOnce : answerLogout,
    onEvent: (event) => {
      events.publish(event);
      saving.noteChange({ isUsers: false });
    },
    // A removal soon reports its results; other notifications are delivered in the background.
    delivery: { concurrency: 64, perOrigin: 16, wait: 2_000 },
  };
  const delivery = new LogoutDelivery(host);
  const actor = actorOf(options);
  const api = adminApi({
    management: new SessionManagement(host),
    delivery,
    events,
    authorize: () => actor,
    signIn: signInTemplate(),
    requireReason: options.requireReason,
    ...(options.needsStepUp && { stepUp: { maxAge: MAX_AGE } }),
    statsClients: CLIENTS.map(({ clientId }) => clientId),
  });
  delivery.start({ interval: DELIVERY_INTERVAL });
  if (!options.isStill) startBackground(host, Math.round(options.sessions * 0.6));
  const transport: Transport = async (request) => {
    const response = await api(request);
    const isRead = request.method === "GET" || request.url.endsWith("/query");
    if (!isRead) saving.noteChange({ isUsers: true });
    return response;
  };
  return options.hasFaults ? withFaults(transport) : transport;
}

function actorOf({ permissions, redact, needsStepUp }: DemoOptions): Actor {
  return {
    actor: ADMINISTRATOR.subjectId,
    subjectId: ADMINISTRATOR.subjectId,
    sessionId: OWN_SESSION_ID,
    displayName: ADMINISTRATOR.displayName,
    authTime: needsStepUp ? signInTime() : new Date(),
    permissions,
    redact,
  };
}

/** Sentences about values of the page's address that were corrected. */
export function demoCorrections(): readonly string[] {
  return corrections;
}

/** The facts about the kept sessions that the user should know. */
export function demoNotes(): readonly KeptNote[] {
  return [...keptNotes];
}

/** Discards all changes, and reloads the page with new made-up sessions. */
export async function resetDemo(): Promise<void> {
  await keeper?.forget();
  location.reload();
}
