/**
 * The names of attributes.
 *
 * @module
 */
import type { Attributes } from "@opentelemetry/api";

export const ADMIN_PERMISSION = "rollcall.admin.permission";
export const CLIENT_ID = "rollcall.client.id";
export const LOGOUT_REASON = "rollcall.logout.reason";
export const NOTIFICATION_ATTEMPT = "rollcall.notification.attempt";
export const NOTIFICATION_ID = "rollcall.notification.id";
export const NOTIFICATION_KIND = "rollcall.notification.kind";
export const NOTIFICATION_OUTCOME = "rollcall.notification.outcome";
export const SESSION_ID = "rollcall.session.id";

/** From OpenTelemetry's semantic conventions. */
export const ERROR_TYPE = "error.type";
/** From OpenTelemetry's semantic conventions for HTTP. */
export const HTTP_STATUS = "http.response.status_code";

/** The attributes that have a value. */
export function known(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
