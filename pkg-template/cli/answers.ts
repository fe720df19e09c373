/**
 * The forms of an admin API's answers, which tell them from other JSON: the members that an answer
 * always has and that the command reads.
 *
 * @module
 */

/** The form of a value. An object may have more members, which a later version adds. */
export type Form =
  | "string"
  | "number"
  | "boolean"
  | readonly [Form]
  | { readonly [name: string]: Form };

const SESSION = {
  subjectId: "string",
  sessionId: "string",
  created: "string",
  renewed: "string",
  clientIds: ["string"],
} as const;

const DELIVERY = { id: "string", clientId: "string", state: "string", attempts: "number" } as const;

const COUNT = { count: "number" } as const;

const REPORT = {
  sessionsRemoved: "number",
  tokensRevoked: "number",
  consentsRevoked: "number",
  otherGrantsRevoked: "number",
  notifications: { delivered: "number", pending: "number", failed: "number", skipped: "number" },
  deliveries: [DELIVERY],
  notes: ["string"],
} as const;

/** The forms by answer. */
export const FORMS = {
  page: { results: [SESSION], hasNextResults: "boolean" },
  report: REPORT,
  purgePreview: { count: "number", sample: [SESSION], confirmToken: "string" },
  purgeReport: { ...REPORT, more: "boolean", failed: "number" },
  deliveries: { deliveries: [DELIVERY] },
  retried: { retried: "boolean" },
  me: { actor: "string", permissions: ["string"], version: "string" },
  stats: {
    at: "string",
    active: COUNT,
    expired: COUNT,
    expiringWithinHour: COUNT,
    created: [{ from: "string", count: "number" }],
  },
  event: { at: "string", type: "string" },
  openapi: { openapi: "string", paths: {} },
} as const satisfies Readonly<Record<string, Form>>;

/** Whether a value has the form. */
export function hasForm(value: unknown, form: Form): boolean {
  if (typeof form === "string") return typeof value === form;
  if (isList(form)) return Array.isArray(value) && value.every((one) => hasForm(one, form[0]));
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(form).every(([name, one]) => hasForm(Reflect.get(value, name), one));
}

function isList(form: Form): form is readonly [Form] {
  return Array.isArray(form);
}
