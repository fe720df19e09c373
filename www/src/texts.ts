/**
 * All texts of the console, in English. A screen has one object.
 *
 * @module
 */

import type { FailureCode } from "./api/failure";

export const product = "Rollcall";

export const times = {
  now: "now",
  ago: (amount: string) => `${amount} ago`,
  in: (amount: string) => `in ${amount}`,
  never: "never",
};

export const shell = {
  skip: "Skip to the content",
  screens: "Screens",
  sessions: "Sessions",
  deliveries: "Deliveries",
  dashboard: "Dashboard",
  activity: "Activity",
  demo: "Demo",
  demoNote: "These sessions are made up and kept in this browser. Nothing reaches a server.",
  starting: "Connecting…",
  liveStates: {
    live: "Live",
    polling: "Every 15 s",
    paused: "Paused",
    offline: "Offline",
  },
  pause: "Pause live updates",
  resume: "Resume live updates",
  settings: "Settings",
  theme: "Theme",
  themes: { system: "System", light: "Light", dark: "Dark" },
  zone: "Times",
  utc: "UTC",
  help: "Keyboard shortcuts",
  close: "Close",
  copy: "Copy",
  copied: "Copied",
  noSuchScreen: (name: string) => `There is no screen \`${name}\`. These are the sessions.`,
  corrected: "Address corrected:",
  dismiss: "Dismiss",
};

export const shortcuts = [
  ["/", "Search"],
  ["j, k", "Next or previous row"],
  ["Enter", "Open the session"],
  ["e", "End the session"],
  ["x", "Select the session"],
  ["?", "Show the shortcuts"],
  ["Esc", "Close"],
] as const;

/** What happened and what to do, for a failed call. */
export interface FailureText {
  title: string;
  advice: string;
}

/** A text for each failure that the user can do something about. Others use `otherFailure`. */
export const failures: Partial<Record<FailureCode, FailureText>> = {
  offline: {
    title: "The server can't be reached.",
    advice: "Check your connection, then try again.",
  },
  no_api: {
    title: "There is no admin API here.",
    advice: "The console expects it next to itself; the owner of this server can set its address.",
  },
  not_signed_in: { title: "You aren't signed in.", advice: "Sign in to continue." },
  step_up_required: {
    title: "Your sign-in is too old for this.",
    advice: "Sign in again to continue.",
  },
  forbidden: {
    title: "You may not do this.",
    advice: "Your account lacks the permission. Ask the owner of this server for it.",
  },
  cross_site_request: {
    title: "The server refused this page.",
    advice: "Open the console at the address of its own server.",
  },
  session_not_found: {
    title: "This session doesn't exist any more.",
    advice: "It ended or expired in the meantime.",
  },
  session_ambiguous: {
    title: "Several users have a session with this id.",
    advice: "Choose the user in the list of sessions.",
  },
  confirm_token_stale: {
    title: "The sessions changed since the preview.",
    advice: "Look at the new preview, then confirm again.",
  },
  results_token_mismatch: {
    title: "This page belongs to another search.",
    advice: "Start at the first page.",
  },
  invalid_results_token: {
    title: "The place in the list is damaged.",
    advice: "Start at the first page.",
  },
  reason_required: { title: "A reason is required.", advice: "Enter a reason, then try again." },
  too_many_requests: {
    title: "Too many requests.",
    advice: "Wait a moment, then try again.",
  },
  unsupported_filter: {
    title: "This server can't filter by that.",
    advice: "Remove the filter.",
  },
  not_configured: {
    title: "This server doesn't offer this.",
    advice: "The owner of the server can configure it.",
  },
  store_failed: {
    title: "The database doesn't answer.",
    advice: "Try again in a moment. The same action completes what began.",
  },
  sender_failed: {
    title: "Clients couldn't be notified.",
    advice: "Look at the deliveries, and retry them.",
  },
};

export const otherFailure: FailureText = {
  title: "The server failed.",
  advice: "Try again. Its log has the reason.",
};

export const invalidArgument = {
  title: "The server didn't accept a value.",
  advice: (detail: string) => `It says: ${detail}.`,
};

export const retry = "Try again";
export const signIn = "Sign in";
export const keptNote = (time: string) => `Shown is the state of ${time}.`;

/** The filters in a sentence about sessions: "sessions of the client shop". */
const filterPhrases = {
  displayName: "of the name",
  subjectId: "of the user id",
  sessionId: "with the session id",
  clientId: "of the client",
  issuer: "of the issuer",
  ipAddress: "from the address",
  state: "that are",
  created: "that began",
  renewed: "last active",
  expires: "that expire",
};

const filterForms = {
  equals: "",
  startsWith: "beginning with",
  contains: "containing",
  after: "after",
  before: "before",
};

/** The screen `#/sessions`. */
export const sessions = {
  title: "Sessions",
  fields: {
    displayName: "Name",
    subjectId: "User id",
    sessionId: "Session id",
    clientId: "Client",
    issuer: "Issuer",
    ipAddress: "Address",
    state: "State",
    created: "Began",
    renewed: "Last active",
    expires: "Expires",
  },
  states: { active: "active", expired: "expired", any: "any" },
  chip: (name: string, parts: readonly string[]) => `${name}: ${parts.join(", ")}`,
  chipPart: (form: "equals" | "startsWith" | "contains" | "after" | "before", value: string) =>
    ({
      equals: value,
      startsWith: `${value}…`,
      contains: `…${value}…`,
      after: `from ${value}`,
      before: `until ${value}`,
    })[form],
  describe: {
    sessions: (state: "active" | "expired" | "any", parts: readonly string[]) => {
      const all = { active: "active sessions", expired: "expired sessions", any: "sessions" }[
        state
      ];
      if (parts.length > 0) return `${all} ${parts.join(", ")}`;
      return `all ${all}`;
    },
    search: (text: string) => `that match “${text}”`,
    field: (
      name: keyof typeof filterPhrases,
      form: "equals" | "startsWith" | "contains" | "after" | "before",
      value: string,
    ) => `${filterPhrases[name]} ${filterForms[form]} ${value}`.replaceAll("  ", " "),
  },
  problems: {
    unknown: (name: string) => `The list has no setting “${name}”.`,
    repeated: (name: string) => `“${name}” was given twice; the first one counts.`,
    forms: (kept: string, name: string) =>
      `“${kept}” and “${name}” exclude each other; the first one counts.`,
    value: (name: string, value: string, known: readonly string[]) =>
      `“${name}” can't be “${value}”, only ${known.join(", ")}.`,
    time: (name: string, value: string) =>
      `“${name}” must be a time such as 2026-11-30T12:00:00Z, not “${value}”.`,
    range: (name: string) => `The range of “${name}” was empty, so only its first bound counts.`,
    unusable: (name: string) => `“${name}” has a character that no session has.`,
    unsupported: (name: string) => `This server can't filter by “${name}”.`,
    place: "The place in the list was damaged or belonged to another list. This is the first page.",
  },
  searchLabel: "Search sessions",
  searchHint: "Name, or a whole user or session id",
  filter: "Filter",
  filterBy: "Filter by",
  editFilter: (chip: string) => `Edit the filter ${chip}`,
  removeFilter: (chip: string) => `Remove the filter ${chip}`,
  clearAll: "Clear all",
  clearFilters: "Clear all filters",
  forms: {
    equals: "is exactly",
    startsWith: "begins with",
    contains: "contains",
    after: "From",
    before: "Until",
  },
  apply: "Apply",
  stateChoices: { active: "Active", expired: "Expired, but not yet removed" },
  presets: {
    hour: "In the last hour",
    day: "In the last 24 hours",
    week: "In the last 7 days",
    inactiveMonth: "Inactive for 30 days",
    inactiveQuarter: "Inactive for 90 days",
    expiringHour: "Within an hour",
    expiringDay: "Within 24 hours",
  },
  emptyRange: "“From” must be before “Until”.",
  columns: {
    user: "User",
    clients: "Clients",
    device: "Device",
    select: "Select",
    actions: "Actions",
    choose: "Columns",
    automatic: "As many as fit",
  },
  table: "Sessions",
  sortNewest: "newest first",
  sortOldest: "oldest first",
  sortBy: (order: string) => `Began, ${order}. Reverse the order`,
  selectSession: (user: string) => `Select the session of ${user}`,
  selectPage: "Select all on this page",
  you: "You",
  expired: "Expired",
  neverExpires: "never",
  damaged: "Damaged",
  damagedNote: (members: string) =>
    `The database row is damaged. These couldn't be read: ${members}.`,
  noName: "no name",
  moreClients: (count: number) => `+${count}`,
  copied: { subjectId: "user id", sessionId: "session id" },
  end: "End",
  endSession: "End session",
  endSessionOf: (user: string) => `End the session of ${user}`,
  endSubject: (user: string) => `End all sessions of ${user}`,
  showSubject: (user: string) => `Show all sessions of ${user}`,
  openSession: "Open the session",
  more: (user: string) => `More for the session of ${user}`,
  ownProtected: "This is your own session. Open it to end it.",
  ended: (kind: "ended" | "expired" | "gone", actor: string | undefined, time: string) => {
    if (kind === "expired") return `expired ${time}`;
    if (kind === "gone") return "no longer in this list";
    return actor === undefined ? `ended ${time}` : `ended by ${actor} ${time}`;
  },
  added: (count: number) => `${count} new ${count === 1 ? "session" : "sessions"}`,
  showAdded: "show",
  refresh: "Refresh",
  refreshed: (rows: number) => `Refreshed, ${rows} ${rows === 1 ? "session" : "sessions"} shown`,
  menu: "More for this list",
  exportAs: (format: string) => `Export as ${format}`,
  endMatching: (total: string) => `End all ${total} that match…`,
  endEverything: (total: string) => `End all ${total} sessions…`,
  selected: (count: number) => `${count} selected`,
  tooManySelected: (most: number) =>
    `At most ${most} sessions can be selected. Use a filter and end all that match.`,
  endSelected: (count: number) => (count === 1 ? "End 1 session" : `End ${count} sessions`),
  clearSelection: "Clear",
  total: (count: number, text: string) => `${text} ${count === 1 ? "session" : "sessions"}`,
  pageSize: "Sessions per page",
  perPage: (size: number) => `${size} a page`,
  page: (page: string, pages: string | undefined) =>
    pages === undefined ? `Page ${page}` : `Page ${page} of ${pages}`,
  pageTurned: (page: number, pages: number | undefined, rows: number) =>
    `Page ${page}${pages === undefined ? "" : ` of ${pages}`}, ${rows} ${rows === 1 ? "session" : "sessions"}`,
  pages: "Pages",
  previousPage: "Previous page",
  nextPage: "Next page",
  loading: "Loading the sessions…",
  none: "There are no sessions.",
  noneHint: "A session appears here once a user signs in.",
  noneMatch: "No session matches.",
  noneMatchHint: "The search finds whole user ids, whole session ids and parts of names.",
  pageGone: "This page is empty now: its sessions ended.",
  firstPage: "Show the first page",
  exporting: (rows: string) => `Exporting: ${rows} sessions so far`,
  exported: (rows: string) => `Exported ${rows} sessions`,
  exportEnded: (rows: string) => `Export cancelled after ${rows} sessions`,
  exportFailed: (rows: string) =>
    `The export stopped after ${rows} sessions; the file isn't complete.`,
  fileFailed: "The file couldn't be written.",
  cancel: "Cancel",
};

/** The session drawer. */
export const session = {
  title: "Session",
};

/** The end dialog and its report. */
export const ending = {};

/** The screen `#/purge`. */
export const purge = {
  title: "End many sessions",
};

/** The screen `#/deliveries`. */
export const deliveries = {
  title: "Deliveries",
};

/** The screen `#/dashboard`. */
export const dashboard = {
  title: "Dashboard",
};

/** The screen `#/activity`. */
export const activity = {
  title: "Activity",
};

/** The screen without a connection. */
export const access = {
  token: "Access token",
  tokenHint: "It is kept in the memory of this page only.",
  useToken: "Use the token",
  tryDemo: "Open the demo",
};
