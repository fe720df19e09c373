/**
 * The metrics: counters of events, and a histogram of attempts' durations.
 *
 * @module
 */
import {
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
} from "@opentelemetry/api";
import type { SessionEvent } from "../types.js";
import type { Attempt } from "./attempt.js";
import {
  ADMIN_PERMISSION,
  CLIENT_ID,
  known,
  LOGOUT_REASON,
  NOTIFICATION_KIND,
  NOTIFICATION_OUTCOME,
} from "./attributes.js";
import { stringMember } from "./members.js";

/** The counters by the type of event that they count. */
const COUNTERS = [
  ["session_created", "rollcall.sessions.created", "{session}", "Sessions that began."],
  ["session_renewed", "rollcall.sessions.renewed", "{session}", "Renewals of sessions."],
  ["session_removed", "rollcall.sessions.removed", "{session}", "Sessions that were ended."],
  [
    "session_expired",
    "rollcall.sessions.expired",
    "{session}",
    "Sessions that ended because they expired.",
  ],
  [
    "session_removal_failed",
    "rollcall.sessions.removal_failures",
    "{session}",
    "Sessions that could not be ended.",
  ],
  [
    "session_unreadable",
    "rollcall.sessions.unreadable",
    "{session}",
    "Sessions that a listing could not read.",
  ],
  [
    "client_unreadable",
    "rollcall.clients.unreadable",
    "{client}",
    "Registrations of clients that could not be read.",
  ],
  [
    "pruning_failed",
    "rollcall.pruning.failures",
    "{failure}",
    "Passes in which a store failed to remove entries that are no longer needed.",
  ],
  [
    "session_denied",
    "rollcall.sessions.denied",
    "{session}",
    "Sign-ins denied because the subject had too many sessions.",
  ],
  ["admin_denied", "rollcall.admin.denied", "{request}", "Requests that an admin API refused."],
  [
    "ticket_unreadable",
    "rollcall.tickets.unreadable",
    "{ticket}",
    "Tickets that could not be opened.",
  ],
] as const;

/**
 * In seconds: the boundaries of OpenTelemetry's semantic conventions for HTTP requests, extended to
 * the sender's longest timeout.
 */
const DURATION_BOUNDARIES = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120,
];

/** Counts and measures, only with attributes that have few values. */
export class Measurements {
  readonly #provider: MeterProvider | undefined;
  #current: { provider: MeterProvider; instruments: Instruments } | undefined;

  constructor(provider: MeterProvider | undefined) {
    this.#provider = provider;
  }

  /** Counts an event that isn't an attempt. Ignores unknown types. */
  count(event: SessionEvent): void {
    const attributes = known({
      [LOGOUT_REASON]: stringMember(event, "logoutReason"),
      [ADMIN_PERMISSION]: stringMember(event, "permission"),
    });
    this.#instruments().events.get(event.type)?.add(1, attributes);
  }

  measure({ outcome, clientId, kind, duration }: Attempt): void {
    const { notifications, duration: durations } = this.#instruments();
    const attributes = known({
      [NOTIFICATION_OUTCOME]: outcome,
      [NOTIFICATION_KIND]: kind,
      [CLIENT_ID]: clientId,
    });
    notifications.add(1, attributes);
    if (duration !== undefined) {
      durations.record(duration / 1_000, attributes);
    }
  }

  /**
   * Asks for the global provider each time, because the host may register it later. (A tracer from
   * the global provider delegates to a later one, but a meter doesn't.)
   */
  #instruments(): Instruments {
    const provider = this.#provider ?? metrics.getMeterProvider();
    if (this.#current?.provider !== provider) {
      this.#current = { provider, instruments: instrumentsOf(provider.getMeter("rollcall")) };
    }
    return this.#current.instruments;
  }
}

interface Instruments {
  /** By the type of event. */
  events: ReadonlyMap<string, Counter>;
  notifications: Counter;
  duration: Histogram;
}

function instrumentsOf(meter: Meter): Instruments {
  return {
    events: new Map(
      COUNTERS.map(([type, name, unit, description]) => [
        type,
        meter.createCounter(name, { unit, description }),
      ]),
    ),
    notifications: meter.createCounter("rollcall.notifications", {
      unit: "{notification}",
      description: "Attempts to notify a client.",
    }),
    duration: meter.createHistogram("rollcall.notification.duration", {
      unit: "s",
      description: "Duration of an attempt to notify a client.",
      advice: { explicitBucketBoundaries: DURATION_BOUNDARIES },
    }),
  };
}
