// Shared by the tests of telemetry: the real SDK, with all exports kept in memory.
import { AsyncLocalStorage } from "node:async_hooks";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";

/** An hour, because the tests export on demand. */
const NEVER = 3_600_000;

/** Providers for one test, and their exports. */
export function sdk(t) {
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spanExporter)],
  });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: NEVER,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  t.after(() => Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]));

  /** The current values of all metrics. */
  async function metrics() {
    metricExporter.reset();
    await meterProvider.forceFlush();
    return metricExporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  }

  return {
    tracerProvider,
    meterProvider,
    metrics,
    /** The spans that have ended. */
    spans: () => spanExporter.getFinishedSpans(),
    /** The points of one metric, as `[attributes, value]`. */
    points: async (name) => {
      const metric = (await metrics()).find(({ descriptor }) => descriptor.name === name);
      return metric?.dataPoints.map(({ attributes, value }) => [attributes, value]) ?? [];
    },
    /** The total count of one metric. */
    total: async (name) => {
      const metric = (await metrics()).find(({ descriptor }) => descriptor.name === name);
      return metric?.dataPoints.reduce((sum, { value }) => sum + value, 0) ?? 0;
    },
  };
}

/** Keeps spans active across promises, as the SDK for Node does. */
export function keepContexts() {
  const storage = new AsyncLocalStorage();
  const manager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, run, self, ...values) => storage.run(active, () => run.call(self, ...values)),
    bind: (active, target) =>
      typeof target === "function"
        ? (...values) => storage.run(active, () => target(...values))
        : target,
    enable: () => manager,
    disable: () => manager,
  };
  context.setGlobalContextManager(manager);
}

export const AT = new Date("2026-03-01T12:00:00.250Z");

/** One event of each type, with every member that it can have. */
export const EVENTS = {
  session_created: { subjectId: "alice", sessionId: "session-1" },
  session_renewed: { subjectId: "alice", sessionId: "session-1" },
  session_removed: {
    subjectId: "alice",
    sessionId: "session-1",
    logoutReason: "terminated",
    reason: "lost laptop",
    actor: "carol",
  },
  session_expired: { subjectId: "alice", sessionId: "session-1" },
  session_removal_failed: {
    subjectId: "alice",
    sessionId: "session-1",
    code: "store_failed",
    error: "the disk is full",
  },
  session_unreadable: {
    subjectId: "alice",
    sessionId: "session-1",
    code: "store_failed",
    error: "the row is damaged",
  },
  client_unreadable: { clientId: "shop", code: "sender_failed", error: "the registry is down" },
  pruning_failed: { store: "outbox", code: "store_failed", error: "the disk is full" },
  session_denied: { subjectId: "alice" },
  admin_denied: { actor: "carol", permission: "purge", route: "POST /v1/sessions/purge" },
  ticket_unreadable: { subjectId: "alice", sessionId: "session-1" },
  notification_delivered: {
    id: "notification-1",
    clientId: "shop",
    kind: "logout",
    subjectId: "alice",
    sessionId: "session-1",
    attempts: 2,
    status: 204,
    duration: 125,
  },
  notification_failed: {
    id: "notification-1",
    clientId: "shop",
    kind: "logout",
    subjectId: "alice",
    sessionId: "session-1",
    attempts: 1,
    status: 503,
    duration: 125,
    error: "the client answered 503",
    nextAttempt: new Date(AT.getTime() + 60_000),
  },
  notification_given_up: {
    id: "notification-1",
    clientId: "shop",
    kind: "session_revoked",
    subjectId: "alice",
    attempts: 9,
    duration: 125,
    error: "cannot reach `shop.example.com`",
  },
};

/**
 * Makes the event of this type. `members` override the default ones, and an undefined one is
 * omitted.
 */
export function event(type, members = {}) {
  const all = Object.entries({ ...EVENTS[type], ...members }).filter(
    ([, value]) => value !== undefined,
  );
  return { type, at: AT, ...Object.fromEntries(all) };
}
