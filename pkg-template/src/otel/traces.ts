/**
 * The spans of attempts, and the events that are added to the active span.
 *
 * @module
 */
import {
  type Attributes,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import type { SessionEvent } from "../types.js";
import type { Attempt } from "./attempt.js";
import {
  ADMIN_PERMISSION,
  CLIENT_ID,
  ERROR_TYPE,
  HTTP_STATUS,
  known,
  LOGOUT_REASON,
  NOTIFICATION_ATTEMPT,
  NOTIFICATION_ID,
  NOTIFICATION_KIND,
  NOTIFICATION_OUTCOME,
  SESSION_ID,
} from "./attributes.js";
import { stringMember } from "./members.js";

/** Writes spans afterwards: an event reports an attempt that has ended. */
export class Traces {
  readonly #provider: TracerProvider | undefined;

  constructor(provider: TracerProvider | undefined) {
    this.#provider = provider;
  }

  /** Records a span of its own. Without a duration it has no length. */
  record(attempt: Attempt): void {
    const { kind, ended, duration = 0, outcome, error } = attempt;
    const span = this.#tracer().startSpan(`notify ${kind}`, {
      kind: SpanKind.CLIENT,
      startTime: new Date(ended.getTime() - duration),
      attributes: attributesOf(attempt),
    });
    if (outcome !== "delivered") {
      span.setStatus({
        code: SpanStatusCode.ERROR,
        ...(error !== undefined && { message: error }),
      });
    }
    span.end(ended);
  }

  /**
   * Adds an event to the active span, if there is one. Only includes members whose meaning is
   * known.
   */
  note(event: SessionEvent): void {
    const attributes = known({
      [SESSION_ID]: stringMember(event, "sessionId"),
      [LOGOUT_REASON]: stringMember(event, "logoutReason"),
      [ADMIN_PERMISSION]: stringMember(event, "permission"),
    });
    trace.getActiveSpan()?.addEvent(`rollcall.${event.type}`, attributes, event.at);
  }

  #tracer() {
    return (this.#provider ?? trace.getTracerProvider()).getTracer("rollcall");
  }
}

function attributesOf({
  outcome,
  kind,
  id,
  clientId,
  sessionId,
  attempts,
  status,
}: Attempt): Attributes {
  return known({
    [NOTIFICATION_OUTCOME]: outcome,
    [NOTIFICATION_KIND]: kind,
    [NOTIFICATION_ID]: id,
    [NOTIFICATION_ATTEMPT]: attempts,
    [CLIENT_ID]: clientId,
    [SESSION_ID]: sessionId,
    [HTTP_STATUS]: status,
    [ERROR_TYPE]: outcome === "delivered" ? undefined : (status?.toString() ?? "_OTHER"),
  });
}
