/** The code of docs/operate/monitor.md, and the names in its alerts. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [gauges, ...others] = await examplesOf("docs/operate/monitor.md", import.meta.url);
const page = await readFile(new URL("../../docs/operate/monitor.md", import.meta.url), "utf8");
const events = await readFile(new URL("../../docs/reference/events.md", import.meta.url), "utf8");

test("there is one example to run", () => {
  assert.ok(gauges !== undefined);
  assert.equal(others.length, 0);
});

test("the gauges show what is left undone, as written", async () => {
  const program = `
    import { metrics as api } from "@opentelemetry/api";
    import {
      AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader,
    } from "@opentelemetry/sdk-metrics";
    import { SessionCoordination, TicketStore } from "rollcall";
    import { memoryStores } from "rollcall/memory";

    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
    api.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

    const stores = memoryStores();
    const clients = (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/" });
    const sendLogout = () => ({ delivered: true });
    ${gauges}
    const print = async () => {
      exporter.reset();
      await reader.forceFlush();
      const found = exporter.getMetrics()[0].scopeMetrics.flatMap(({ metrics }) => metrics);
      console.log(
        found
          .map(({ descriptor, dataPoints }) => descriptor.name + " " + (dataPoints[0]?.value.sum ?? dataPoints[0]?.value))
          .filter((line) => /active|overdue|expired|notifications/.test(line))
          .sort()
          .join(", "),
      );
    };
    // An hour ago alice signed out of a client that was down, and bob signed in for a minute.
    const past = { ...host, delivery: { wait: 0 }, now: () => Date.now() - 60 * MINUTE };
    const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
    const tickets = new TicketStore(past, { keys });
    await tickets.store({ subjectId: "alice", clients: ["shop"] });
    await tickets.store({ subjectId: "bob", expires: past.now() + MINUTE });
    await tickets.store({ subjectId: "carol" });
    await new SessionManagement(past).removeSessions({ subjectId: "alice" });
    await print();
    await new SessionCoordination(host).removeExpiredSessions();
    await delivery.deliverDue();
    await print();
    process.exit();
  `;
  assert.equal(
    await run(program),
    `rollcall.notifications.overdue 1, rollcall.sessions.active 1, rollcall.sessions.overdue 1
rollcall.notifications 1, rollcall.notifications.overdue 0, rollcall.sessions.active 1, rollcall.sessions.expired 1, rollcall.sessions.overdue 0
`,
  );
});

/** A metric's name as OpenTelemetry's exporter for Prometheus writes it. */
const exported = (name, isCounter) => name.replaceAll(".", "_") + (isCounter ? "_total" : "");

test("the rules and the dashboard only use metrics and attributes that exist", () => {
  const metrics = [...events.matchAll(/^\| `(rollcall\.[\w.]+)` \| (counter|histogram)/gm)];
  const known = new Set([
    ...metrics.map(([, name, kind]) => exported(name, kind === "counter")),
    ...[...gauges.matchAll(/gauge\("([\w.]+)"/g)].map(([, name]) => exported(name, false)),
    ...[...events.matchAll(/`(rollcall\.[\w.]+)`/g)].map(([, name]) => exported(name, false)),
  ]);
  const used = [...page.matchAll(/\brollcall_\w+/g)].map(([name]) => name.replace(/_bucket$/, ""));
  assert.ok(used.length > 20);
  assert.deepEqual(
    used.filter((name) => !known.has(name)),
    [],
  );
});

test("each alert has a response", () => {
  const alerts = [...page.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const rows = [...page.matchAll(/^\| `(Rollcall\w+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(rows, alerts);
});
