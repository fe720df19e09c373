/**
 * The shapes of the admin API, derived from its schemas.
 *
 * @module
 */

export type {
  DeliveriesData as Deliveries,
  DeliveryData as Delivery,
  EventData,
  Me,
  Page,
  Permission,
  ProblemCode,
  ProblemDocument,
  PurgeBody,
  PurgePreviewData as PurgePreview,
  PurgeReportData as PurgeReport,
  RemovalBody,
  RemovalReportData as RemovalReport,
  Session,
  SessionQueryBody as SessionQuery,
  Stats,
} from "rollcall/http";
