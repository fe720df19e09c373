/**
 * The wording of the console, in English. Each screen has one object.
 *
 * @module
 */

import { counted, shortDuration, wholeNumber } from "./amounts";
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
  loading: "Loading…",
  reload: "Reload",
  loadFailed:
    "A part of the console didn't arrive. The server may have a new version, or can't be reached.",
  screenFailed: (title: string) => `The screen "${title}" failed. This is a fault of the console.`,
  partFailed: "The dialog failed. This is a fault of the console. See whether the sessions ended.",
  fault: "Something on this page failed. What you did last may not have taken effect.",
  liveStates: {
    live: "Live",
    polling: "Every 15 s",
    paused: "Paused",
    offline: "Offline",
    refused: "Signed out",
  },
  pause: "Pause live updates",
  resume: "Resume live updates",
  settings: "Settings",
  theme: "Theme",
  themes: { system: "System", light: "Light", dark: "Dark" },
  zone: "Times",
  utc: "UTC",
  local: (zone: string) => `This browser's zone (${zone})`,
  help: "Keyboard shortcuts",
  version: (version: string) => `Rollcall ${version}`,
  forgetToken: "Forget the access token",
  close: "Close",
  copy: "Copy",
  copied: "Copied",
  noSuchScreen: (name: string) => `There is no screen \`${name}\`. These are the sessions.`,
  corrected: "Address corrected:",
  dismiss: "Dismiss",
};

/** The keys, their effect, and the permission that they need, if any. */
export const shortcuts: readonly (readonly [string, string, "remove"?])[] = [
  ["/", "Search"],
  ["j, k", "Next or previous row"],
  ["Enter", "Open the session"],
  ["e", "End the session", "remove"],
  ["x", "Select the session", "remove"],
  ["?", "Show the shortcuts"],
  ["Esc", "Close"],
];

/** The words for a failed call: what happened, and what to do. */
export interface FailureText {
  title: string;
  advice: string;
}

/** The words for the failures that the user can act on. Others use `otherFailure`. */
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

/** Devices, in the list and in the drawer. */
export const devices = {
  unknown: "unknown device",
  on: (browser: string, system: string) => `${browser} on ${system}`,
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
      `“${name}” must be a time such as 2026-11-30T12:00:00Z or -30d, not “${value}”.`,
    cut: (length: number, most: number) =>
      `The search had ${wholeNumber(length)} characters; the first ${wholeNumber(most)} count.`,
    long: (name: string, most: number) =>
      `“${name}” was longer than any value (${wholeNumber(most)} characters), so it isn't used.`,
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
  /** Before the times of a row on a phone. */
  rowTimes: { created: "began", renewed: "active" },
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
  endOthers: (user: string) => `End the other sessions of ${user}`,
  showSubject: (user: string) => `Show all sessions of ${user}`,
  openSession: "Open the session",
  more: (user: string) => `More for the session of ${user}`,
  ownProtected: "This is your own session. Open it to end it.",
  ended: (kind: "ended" | "expired" | "gone", actor: string | undefined, time: string) => {
    if (kind === "expired") return `expired ${time}`;
    if (kind === "gone") return "no longer in this list";
    return actor === undefined ? `ended ${time}` : `ended by ${actor} ${time}`;
  },
  added: (count: number, text: string) => `${text} new ${count === 1 ? "session" : "sessions"}`,
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
  /** The members that the search compares. */
  searchNote:
    "The search finds a whole user id, a whole session id, or a part of a name. Capitals don't matter, but accents and the order of words do.",
  searchInstead: (text: string) => `Search for “${text}”`,
  filterInstead: (
    field: string,
    form: "equals" | "startsWith" | "contains" | "after" | "before",
    value: string,
  ) => `${field} ${form === "startsWith" ? "begins with" : "is"} “${value}”`,
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

const wordList = new Intl.ListFormat("en-GB", { type: "conjunction" });

function numberOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** The session drawer. */
export const session = {
  title: "Session",
  titleOf: (owner: string) => `Session of ${owner}`,
  states: { active: "Active", expired: "Expired", loading: "Loading…" },
  own: "Your own session",
  ended: {
    by: (actor: string) => `Ended by ${actor}`,
    byUser: "Signed out by the user",
    withoutActor: "Ended",
    expired: "Expired",
    gone: "This session doesn't exist any more. Shown is what was known.",
  },
  reason: (reason: string) => `Reason: ${reason}`,
  facts: {
    user: "User",
    subjectId: "User id",
    sessionId: "Session id",
    issuer: "Issuer",
    created: "Began",
    renewed: "Last active",
    expires: "Expires",
    ipAddress: "Address",
    device: "Device",
  },
  copy: { subjectId: "user id", sessionId: "session id", ipAddress: "address" },
  none: "–",
  noName: "no name",
  neverExpires: "never",
  unreadable: "can't be read",
  damaged: (members: string) =>
    `The database can't read all of this session: ${members}. You can end it all the same, but only clients that it lists are notified.`,
  members: {
    subjectId: "user id",
    sessionId: "session id",
    displayName: "name",
    issuer: "issuer",
    created: "beginning",
    renewed: "last activity",
    expires: "expiry",
    clientIds: "clients",
    ipAddress: "address",
    userAgent: "device",
    attributes: "attributes",
  } as Readonly<Record<string, string>>,
  list: (items: readonly string[]) => wordList.format(items),
  attributes: "Attributes",
  clients: "Clients",
  noClients: "No client takes part in this session.",
  deliveries: "All deliveries of this session",
  /** A notification about every session of the user. */
  allSessions: "for all sessions of the user",
  attempts: (count: number) => numberOf(count, "attempt"),
  nextAttempt: "next",
  others: (owner: string) => `Other sessions of ${owner}`,
  othersTitle: "Other sessions",
  noOthers: "There are no others.",
  allOf: (owner: string) => `All of ${owner}'s sessions`,
  end: "End session",
  endAll: (owner: string) => `End all of ${owner}'s sessions`,
  endOthers: (owner: string) => `End ${owner}'s other sessions`,
  ambiguous: "Choose one of them:",
  missing: "Its deliveries are below, if there are any.",
};

/** The counts of a report or a dry run. */
export interface EndCounts {
  sessions: number;
  tokens: number;
  consents: number;
  otherGrants: number;
}

function grantList({ tokens, consents, otherGrants }: EndCounts): string {
  const parts = [
    tokens > 0 ? numberOf(tokens, "token") : "",
    consents > 0 ? numberOf(consents, "consent") : "",
    otherGrants > 0 ? numberOf(otherGrants, "other grant") : "",
  ];
  return wordList.format(parts.filter((part) => part !== ""));
}

function sentence(phrases: readonly string[]): string {
  const parts = phrases.filter((phrase) => phrase !== "");
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  // Phrases that contain "and" need the comma.
  const hasComma = rest.length > 0 || parts.some((phrase) => phrase.includes(" and "));
  const joined =
    last === undefined ? first : `${[first, ...rest].join(", ")}${hasComma ? "," : ""} and ${last}`;
  return `${joined.charAt(0).toUpperCase()}${joined.slice(1)}.`;
}

/** The states of a notification to a client, on all screens. */
export const deliveryStates = {
  delivered: "Notified",
  pending: "Pending",
  failed: "Failed",
  skipped: "Skipped",
};

/** The end dialog and its report. */
export const ending = {
  titles: { session: "End session", subject: "End sessions", selection: "End sessions" },
  users: (count: number) => numberOf(count, "user"),
  /** A short list of users. */
  userNames: (names: readonly string[]) => {
    const shown = names.slice(0, 8);
    const more = names.length - shown.length;
    const list = more > 0 ? [...shown, `${more.toLocaleString("en")} more`] : shown;
    return `Of ${wordList.format(list)}.`;
  },
  list: (items: readonly string[]) => wordList.format(items),
  /** A short list of clients. */
  clients: (ids: readonly string[], isPart: boolean) => {
    const shown = ids.slice(0, 5);
    const more = ids.length - shown.length;
    if (isPart) return wordList.format([...shown, more > 0 ? `at least ${more} more` : "more"]);
    return wordList.format(more > 0 ? [...shown, `${more.toLocaleString("en")} more`] : shown);
  },
  checking: "Checking what this would end…",
  /** The result of the dry run. */
  effect: (counts: EndCounts, owner: string, clients: string) => {
    const grants = grantList(counts);
    return sentence([
      counts.sessions > 0 ? `ends ${numberOf(counts.sessions, "session")} of ${owner}` : "",
      grants === "" ? "" : `revokes ${grants}${counts.sessions > 0 ? "" : ` of ${owner}`}`,
      clients === "" ? "" : `notifies ${clients}`,
    ]);
  },
  /** The result of the call. */
  done: (counts: EndCounts, owner: string) => {
    const grants = grantList(counts);
    if (counts.sessions === 0 && grants === "") return "";
    return sentence([
      counts.sessions > 0 ? `ended ${numberOf(counts.sessions, "session")} of ${owner}` : "",
      grants === "" ? "" : `revoked ${grants}${counts.sessions > 0 ? "" : ` of ${owner}`}`,
    ]);
  },
  noClients: "No client is notified.",
  sessionsStay: "The sessions stay active.",
  ownStays: "Your own session stays.",
  exceptStay: (count: number) =>
    count === 1 ? "The session that you keep stays." : `${numberOf(count, "session")} stay.`,
  nothing: {
    session: "There is nothing to end: this session has ended already.",
    subject: (owner: string) => `There is nothing to end: ${owner} has no such session.`,
    selection: "There is nothing to end: these sessions have ended already.",
  },
  nothingToDo: "There is nothing to revoke and no client to notify.",
  nothingChosen: "Nothing is chosen that would change something.",
  noClientChosen: "Choose at least one client, or all of them.",
  notNotified: (groups: readonly string[]) => `Can't be notified: ${wordList.format(groups)}.`,
  skippedGroup: (clients: string, why: string) => `${clients} (${why})`,
  skipped: {
    "the client is not known": "not registered",
    "the client is disabled": "disabled",
    "the client has no back-channel logout URI": "no logout address",
    "no client lookup is injected": "this server doesn't look up clients",
  } as Readonly<Record<string, string>>,
  /** The notes of the core in an administrator's words, for dry runs and reports. */
  notes: {
    "no tokens or consents were revoked: no grant store is injected":
      "Tokens and consents aren't changed: this server doesn't manage them.",
    "consents were kept: they belong to the subject and not to a session":
      "Consents stay: they belong to the user and not to a session.",
    "tokens without a session were kept: other sessions of the subject may be active":
      "Tokens without a session stay, because the user may have other active sessions.",
    "notifications were recorded but not sent: no `sendLogout` is injected":
      "Notifications are recorded, and another process of the provider sends them.",
    "no client was notified: `clients` and `sendLogout` are not both injected":
      "No client is notified: this server isn't set up to do it.",
    "clients were not notified of some sessions, which the store could not read":
      "Some sessions are damaged, so their clients can't be notified of them.",
    "the store could not read the session: only the clients that the call names were notified":
      "The session is damaged, so only the named clients are notified.",
    "your own session was kept: set `includeOwn` to end it too": "Your own session stays.",
  } as Readonly<Record<string, string>>,
  noteInSteps: "The sessions end one after another and not all at once.",
  actions: {
    ends: (count: number | undefined, owner: string) => {
      if (count === undefined) return `End sessions of ${owner}`;
      return count === 1
        ? `End session of ${owner}`
        : `End ${numberOf(count, "session")} of ${owner}`;
    },
    revokesAndNotifies: "Revoke and notify clients",
    revokes: (counts: EndCounts | undefined) => {
      const grants = counts === undefined ? "" : grantList(counts);
      return grants === "" ? "Revoke" : `Revoke ${grants}`;
    },
    notifies: "Notify clients",
    nothing: "End sessions",
  },
  ending: "Ending…",
  cancel: "Cancel",
  ownTarget: "This is your own session. You will be signed out.",
  ownIncluded: "Your own session is among them. You will be signed out.",
  keepOwn: "Keep my own session",
  options: "Options",
  changes: {
    keepsSessions: "keeps the sessions",
    keepsTokens: "keeps tokens",
    keepsConsents: "keeps consents",
    silent: "notifies no one",
    limited: (clients: string) => (clients === "" ? "no client chosen" : `only ${clients}`),
  },
  choices: {
    endsSessions: "End the sessions",
    revokesTokens: "Revoke their tokens",
    revokesConsents: "Revoke consents",
    consentsStay: "Consents belong to the user. Ending all sessions of the user revokes them.",
    notifies: "Notify clients",
  },
  limit: {
    title: "Clients",
    all: "All clients",
    some: "Only these",
    hint: "Tokens and notifications of other clients stay out. The sessions end for all.",
    other: "Another client id",
    add: "Add",
  },
  reason: "Reason",
  reasonOptional: "Reason (optional)",
  reasonHint: "It goes to the event log.",
  reasonRequired: "This server requires a reason. It goes to the event log.",
  partlyDone: "Some of it may be done. The same button completes it.",
  partlyNotified: "Some clients may have been notified, and the same button notifies them again.",
  report: {
    title: "Report",
    nothing: "Nothing had to be changed.",
    notifications: (
      counts: Record<"delivered" | "pending" | "failed" | "skipped", number>,
      isByClient: boolean,
    ) => {
      const [first, ...rest] = [
        { count: counts.delivered, word: isByClient ? "notified" : "sent" },
        { count: counts.pending, word: "pending" },
        { count: counts.failed, word: "failed" },
        { count: counts.skipped, word: isByClient ? "can't be notified" : "skipped" },
      ].filter(({ count }) => count > 0);
      if (first === undefined) return "";
      const unit = numberOf(first.count, isByClient ? "client" : "notification");
      const others = rest.map(({ count, word }) => `${count.toLocaleString("en")} ${word}`);
      return `${[`${unit} ${first.word}`, ...others].join(", ")}.`;
    },
    deliveries: "Deliveries",
    columns: {
      client: "Client",
      session: "Session",
      state: "State",
      attempts: "Attempts",
      status: "HTTP status",
      error: "Error",
      next: "Next attempt",
      action: "Action",
    },
    allSessions: "all",
    retry: "Retry",
    retryOf: (clientId: string) => `Retry ${clientId}`,
    retryAll: (count: number) =>
      count === 1 ? "Retry the failed one" : `Retry all ${count.toLocaleString("en")} failed`,
    retried: (count: number) => `${numberOf(count, "notification")} will be sent again.`,
    notRetried: "It isn't failed any more. Its state is read again.",
    firstOf: (shown: number, total: number) =>
      `The list shows the first ${shown.toLocaleString("en")} of ${total.toLocaleString("en")} notifications.`,
    copy: "Copy as JSON",
    copied: "Report copied",
    signedOut: "Your own session ended. Closing the report takes you to the sign-in.",
    close: "Close",
    stale: "The states below may be out of date.",
  },
  errors: {
    rejected: "The client rejected the notification.",
    denied: "The client denied access to its logout address.",
    missing: "Its logout address doesn't exist.",
    busy: "The client receives too many requests.",
    serverFailed: "The client's server failed.",
    answered: "The client answered unexpectedly.",
    silent: "The client didn't answer in time.",
    unreachable: "The client's server can't be reached.",
    redirects: "Its logout address redirects, which isn't followed.",
    privateAddress: "Its logout address is inside a private network.",
    address: "Its logout address isn't valid.",
    unresolved: "The host name of its logout address isn't known.",
    signing: "The notification can't be signed or encrypted for this client.",
    registry: "Not tried: clients can't be looked up.",
    waited: "Not tried yet: it waited too long.",
    paused: "Not tried yet: the client's server failed several times in a row.",
    unrecorded: "The attempt couldn't be recorded.",
    unknownClient: "The client isn't registered.",
    disabled: "The client is disabled.",
    noAddress: "The client has no logout address.",
    changed: "The client doesn't accept this kind of notification any more.",
    noLookup: "This server doesn't look up clients.",
  },
};

/** The screen `#/purge`. */
export const purge = {
  title: "End many sessions",

  filter: "These sessions:",
  list: "Show them in the list",
  corrected: "Parts of the address can't be used, so more sessions match than it may mean:",
  previewRest: "Preview without them",
  everything: "Every session of this server",
  everythingHint:
    "There is no filter. To end the sessions of everybody, check the box; nothing ends before you confirm.",

  previewing: "Counting the sessions…",
  notCounted: "The sessions weren't counted",
  signInFirst: "Sign in again to see what would end",
  unknownRun: "The report of this purge isn't kept any more. This is a new preview of its filter.",
  askAgain: "Preview again",
  matching: (count: number) => counted(count, "session matches", "sessions match"),
  nothing: "Nothing to end. Change the filter in the list.",
  ownEnds: "Your own session ends too: you may be signed out before all others have ended.",
  stale: "The preview was out of date. This is a new one.",
  before: ({ ended, lost }: { ended: number; lost: number }) =>
    lost === 0
      ? `${counted(ended, "session was", "sessions were")} ended before.`
      : `${counted(ended, "session was", "sessions were")} ended before, and up to ${wholeNumber(lost)} in a batch whose result is unknown.`,
  effects: {
    title: "What goes with them",
    checking: "Checking what goes with them…",
    failed: "What goes with them couldn't be checked.",
    /** `part`: the number of sessions, if it isn't all of them. */
    effect: (
      counts: { tokens: number; otherGrants: number; notifications: number },
      part: number | undefined,
    ) => {
      const { tokens, otherGrants, notifications } = counts;
      const grants = grantList({ sessions: 0, tokens, consents: 0, otherGrants });
      const all = sentence([
        grants === "" ? "" : `revokes ${grants}`,
        notifications === 0 ? "" : `sends ${counted(notifications, "notification")}`,
      ]);
      if (part === undefined) return all;
      return `${all.replace(/\.$/, "")} for the first ${wholeNumber(part)} to end.`;
    },
    nothing: "No token is revoked and no client is notified.",
    clients: (all: string, clients: readonly { clientId: string; count: number }[]) =>
      `Clients ${all}: ${listed(clients)}.`,
    ofAll: "of these sessions",
    ofSample: (shown: number) => `of the newest ${wholeNumber(shown)}`,
    others: (
      all: string,
      count: number,
      clientId: string,
      clients: readonly { clientId: string; count: number }[],
    ) =>
      `Not only ${clientId}: ${wholeNumber(count)} ${all} ${count === 1 ? "is" : "are"} also used by other clients, which are signed out too: ${listed(clients)}.`,
  },
  later: "Sessions that begin from now on aren't ended.",

  sample: (shown: number, count: number) =>
    shown < count ? `The newest ${wholeNumber(shown)} of ${wholeNumber(count)}` : "All of them",
  showAll: (count: number) => `Show all ${wholeNumber(count)} of the sample`,
  columns: {
    user: "User",
    session: "Session",
    clients: "Clients",
    began: "Began",
    active: "Last active",
    address: "Address",
  },
  own: "yours",
  noClients: "none",
  damaged: "unreadable",

  options: "What ends",
  consentsStay: "Consents belong to users and not to sessions, so they stay.",

  confirm: (count: number) => `Type ${wholeNumber(count)} to confirm`,
  end: (count: number) => `End ${counted(count, "session")}`,
  endOthers: (count: number) => `Revoke and notify for ${counted(count, "session")}`,
  batches: (size: number) =>
    size === 1
      ? "One session at a time: you can stop in between."
      : `In batches of ${wholeNumber(size)}: you can stop in between.`,

  running: (count: number) => `Ending ${counted(count, "session")}`,
  progress: "Progress",
  counts: ({ endsSessions, handled, failed, left }: PurgeNumbers) =>
    [
      `${wholeNumber(handled)} ${endsSessions ? "ended" : "done"}`,
      ...(failed > 0 ? [`${wholeNumber(failed)} couldn't be ended`] : []),
      `${wholeNumber(left)} left`,
    ].join(", "),
  lost: (lost: number) =>
    `Up to ${wholeNumber(lost)} of those left may have ended in the last batch.`,
  pace: (perSecond: number, seconds: number) =>
    `${perSecond < 10 ? perSecond.toFixed(1) : wholeNumber(Math.round(perSecond))} per second, about ${shortDuration(seconds)} left`,
  measuring: "Waiting for the first batch…",
  stop: "Stop after this batch",
  stopping: "Stopping after this batch…",
  stoppedHint: "Continue, or leave the rest. What has ended stays ended.",
  continue: "Continue",
  leave: "Leave the rest",
  refused: "The last batch was refused and ended nothing. Continuing ends the rest.",
  halfway: "The last batch failed halfway. Continuing completes it; no session is ended twice.",
  unknown:
    "No answer arrived for the last batch, so its result is unknown. Preview again to see what is left.",
  leftRunning: "Ending sessions stops after this batch, because you left the page.",
  leftStopped: "Ending sessions has stopped, because you left the page.",
  leftDone: "All sessions had ended before you left the page:",
  back: "Back to it",
  dismiss: "Dismiss",

  done: ({ endsSessions, ended, handled }: PurgeNumbers) =>
    endsSessions ? `${counted(ended, "session")} ended` : `${counted(handled, "session")} done`,
  meanwhile: (count: number, lost: number) =>
    lost === 0
      ? `${wholeNumber(count)} more had ended or expired in the meantime.`
      : `${wholeNumber(count)} more ended in a batch that failed, or had ended or expired in the meantime.`,
  failedSessions: (count: number) =>
    `${wholeNumber(count)} couldn't be ended and ${count === 1 ? "is" : "are"} still active. A new preview shows ${count === 1 ? "it" : "them"}.`,
  totals: {
    ended: "Sessions ended",
    failed: "Couldn't be ended",
    tokens: "Tokens revoked",
    consents: "Consents revoked",
    otherGrants: "Other grants revoked",
    delivered: "Notifications sent",
    pending: "Notifications pending",
    notificationsFailed: "Notifications failed",
    skipped: "Clients skipped",
  },
  notes: "Notes",
  deliveries: "Notifications",
  unlisted: (count: number) =>
    `${wholeNumber(count)} more aren't listed, and their numbers may be out of date. Deliveries shows them.`,
  staleDeliveries: "The states below may be out of date.",
  failedClients: "Failed at",
  failedClient: (clientId: string, count: number) => `${clientId} (${wholeNumber(count)})`,
  failedClientHint: (clientId: string) =>
    `All failed deliveries to ${clientId}, also those from before this purge`,
  allDeliveries: (count: number) => `Show all ${wholeNumber(count)}`,
  copyReport: "Copy as JSON",
  copied: "Copied",
  notCopied: "The browser didn't allow copying.",
  again: "Preview again",
  toSessions: "Back to the sessions",
};

function listed(clients: readonly { clientId: string; count: number }[]): string {
  const most = 8;
  const names = clients
    .slice(0, most)
    .map(({ clientId, count }) => `${clientId} (${wholeNumber(count)})`);
  const more = clients.length - names.length;
  return wordList.format(more > 0 ? [...names, counted(more, "other")] : names);
}

/** The purges of this tab, in the header and in the activity. */
export const recentPurges = {
  title: "Purges in this tab",
  link: "Last purge",
  open: "Open the report",
  stand: ({ phase, isAbandoned, numbers }: RecentPurge) => {
    if (phase === "done") return purge.done(numbers);
    const stand = purge.counts(numbers);
    if (phase === "running") return `${stand}, running`;
    return isAbandoned ? stand : `${stand}, stopped`;
  },
  left: ({ phase, isAbandoned, numbers }: RecentPurge) =>
    phase === "done" || isAbandoned ? "" : `${wholeNumber(numbers.left)} left`,
};

/** The notice about a purge in the header. */
export interface RecentPurge {
  phase: "running" | "stopped" | "done";
  isAbandoned: boolean;
  numbers: PurgeNumbers;
}

/** The numbers of a purge. */
export interface PurgeNumbers {
  /** Whether sessions end; otherwise only tokens and clients are affected. */
  endsSessions: boolean;
  /** Ended by all batches. */
  ended: number;
  /** Since the preview. */
  handled: number;
  failed: number;
  left: number;
}

/** The screen `#/deliveries`. */
export const deliveries = {
  title: "Deliveries",

  caption: "Notifications to clients",
  columns: {
    state: "State",
    client: "Client",
    user: "User",
    session: "Session",
    attempts: "Attempts",
    last: "Last answer",
    next: "Next attempt",
    action: "Action",
  },
  attemptsAfter: (count: number) => (count === 1 ? "attempt" : "attempts"),
  none: "none",
  givenUp: "given up",
  allOfUser: "all of the user",
  signal: "security event",
  signalHint: "The client gets a Security Event Token.",
  anyState: "All",
  filters: "Filters",
  fields: { clientId: "Client", subjectId: "User", sessionId: "Session" },
  field: "Filter by",
  value: (field: string) => `${field} id`,
  add: "Add filter",
  remove: (field: string, value: string) => `Remove the filter ${field}: ${value}`,
  clear: "Clear all",
  badState: (state: string) => `There is no state \`${state}\`. All states are shown.`,
  badValue: (name: string) => `\`${name}\` has a value that no notification has. It was removed.`,
  unknownFilter: (name: string) => `There is no filter \`${name}\`. It was removed.`,

  loading: "Loading…",
  page: (count: number, total: { count: number; isCapped: boolean } | undefined) => {
    if (total === undefined) return `${counted(count, "notification")} on this page, and more`;
    if (!total.isCapped && total.count <= count) return counted(count, "notification");
    const all = `${wholeNumber(total.count)}${total.isCapped ? "+" : ""}`;
    return `${wholeNumber(count)} of ${all} notifications`;
  },
  next: "Next page",
  back: "Previous page",
  first: "First page",
  pages: "Pages",
  changes: (count: number) => `${counted(count, "change")} — show`,
  refresh: "Refresh",
  kept: (time: string) => `Shown is the state of ${time}.`,

  emptyFiltered: "No notification matches these filters.",
  emptyPage: "There are no notifications on this page.",
  empty: "No notifications yet.",
  emptyHint:
    "When a session ends, each of its clients that takes notifications appears here. Successful notifications are kept for a week and failed ones for 90 days, unless this server sets other times. Clients without an address for notifications are skipped and don't appear.",

  retry: "Retry",
  retryOf: (client: string) => `Retry the notification to ${client}`,
  retried: (client: string) => `The notification to ${client} is due again.`,
  retriedGone: (client: string) =>
    `The notification to ${client} is no longer there, or no longer failed.`,
  retryAll: "Retry all failed",
  retryAllOf: (what: string) => `Retry all failed of ${what}`,
  retryTitle: "Retrying failed notifications",
  retrying: (retried: number) => `${wholeNumber(retried)} retried so far`,
  stopRetry: "Stop",
  stopping: "Stopping…",
  retryResult: ({
    retried,
    gone,
    isStopped,
  }: {
    retried: number;
    gone: number;
    isStopped: boolean;
  }) =>
    [
      `${isStopped ? "Stopped: " : ""}${wholeNumber(retried)} retried`,
      ...(gone > 0 ? [`${wholeNumber(gone)} no longer there`] : []),
    ].join(", "),
  retryStopped: "The others weren't retried. Retrying all again continues with them.",
  noneFailed: "Nothing has failed.",
  dismiss: "Dismiss",
};

/** The screen `#/dashboard`. */
export const dashboard = {
  title: "Dashboard",
  loading: "Counting sessions…",
  refresh: "Refresh",
  refreshed: "Numbers refreshed.",
  asOf: "As of",
  paused: "Updates are paused.",
  active: "Active sessions",
  expiring: "Expire within an hour",
  expired: "Expired, not yet removed",
  created: "Created by hour",
  hours: "Period",
  periods: { 24: "24 hours", 72: "3 days", 168: "7 days" },
  asTable: "Table",
  chartFailed: "The chart couldn't be loaded, so this is the table.",
  from: "Hour",
  day: "Day",
  sessions: "Sessions",
  hourSummary: (count: string, period: string) => `${count} created in the last ${period}.`,
  busiest: (count: string, hour: string) => `Most in one hour: ${count}, ${hour}.`,
  none: "None.",
  oneHour: (count: string, hour: string) => `${hour}: ${count}`,
  soFar: "so far",
  chartHint: "Select an hour to list its sessions.",
  byClient: "Active sessions by client",
  byDelivery: "Deliveries by state",
  pending: "Pending",
  failed: "Failed",
  onlyExisting:
    "Only sessions that still exist are counted. Sessions that ended aren't, so past hours shrink.",
  correctedHours: (value: string) => `There is no period of \`${value}\` hours. This is 24 hours.`,
};

/** The screen `#/activity`. */
export const activity = {
  title: "Activity",
  source:
    "What this server process reported since you opened the console in this tab: the last 300 of each type, with many alike as one. Your server's audit log has the complete record.",
  pause: "Pause",
  resume: "Resume",
  paused: "Paused. New events wait.",
  meanwhile: (count: number) =>
    count === 0
      ? "Nothing happened during the pause."
      : `${count === 1 ? "1 event" : `${count} events`} happened during the pause.`,
  liveStates: {
    live: "New events appear on top.",
    polling: "This server doesn't send events now.",
    paused: "Paused.",
    offline: "The connection is lost. It is tried again.",
    refused: "Signed out. No new events arrive.",
  },
  filter: "Filter by type",
  all: "All",
  groups: {
    signIns: "Sign-ins",
    ended: "Ended",
    notifications: "Notifications",
    refused: "Refused",
    faults: "Faults",
    other: "Other",
  },
  noSuchGroup: (name: string) => `There is no type \`${name}\`.`,
  time: "Time",
  event: "Event",
  user: "User",
  client: "Client",
  actor: "By",
  reason: "Reason",
  outcome: "Details",
  types: {
    session_created: "Signed in",
    session_renewed: "Session renewed",
    session_removed: "Session ended",
    session_expired: "Session expired",
    session_removal_failed: "Session couldn't be ended",
    session_unreadable: "Session couldn't be read",
    session_denied: "Sign-in refused",
    client_unreadable: "Client couldn't be read",
    pruning_failed: "Cleaning up failed",
    admin_denied: "Refused request",
    ticket_unreadable: "Sign-in data couldn't be read",
    notification_delivered: "Client notified",
    notification_failed: "Notification failed, retried",
    notification_given_up: "Notification failed for good",
  },
  /** Many alike events as one line. */
  summaries: {
    session_removed: (count: number) => counted(count, "session ended", "sessions ended"),
    notification_delivered: (count: number) =>
      counted(count, "notification delivered", "notifications delivered"),
    notification_failed: (count: number) =>
      counted(count, "attempt failed, retried", "attempts failed, retried"),
    notification_given_up: (count: number) =>
      counted(count, "notification failed for good", "notifications failed for good"),
  } as Readonly<Record<string, (count: number) => string>>,
  alike: (what: string) => (count: number) => `${what}, ${wholeNumber(count)} times`,
  since: (time: string) => `Since ${time}`,
  lastError: (error: string) => `Last: ${error}`,
  expand: (what: string) => `${what}: show them one by one`,
  members: (shown: number, count: number) =>
    shown < count
      ? `Shown are the newest ${wholeNumber(shown)} of ${wholeNumber(count)}.`
      : `Shown are all ${wholeNumber(count)}.`,
  logoutReasons: {
    terminated: "Ended by an administrator or a program",
    session_expiration: "Expired",
    user_logout: "The user signed out",
  },
  delivered: (status: number | undefined, duration: number, attempts: number) =>
    [
      ...(status === undefined ? [] : [`Status ${status}`]),
      `${Math.round(duration)} ms`,
      ...(attempts > 1 ? [`attempt ${attempts}`] : []),
    ].join(", "),
  retried: (error: string, attempts: number, next: string) =>
    `${error} (attempt ${attempts}, next ${next})`,
  givenUp: (error: string, attempts: number) =>
    `${error} (after ${attempts === 1 ? "1 attempt" : `${attempts} attempts`})`,
  permissions: {
    read: "list sessions",
    remove: "end sessions",
    purge: "end many sessions",
  },
  denied: (route: string, permission: string | undefined) =>
    permission === undefined ? route : `${route}, needs the permission to ${permission}`,
  stores: { outbox: "deliveries", grants: "tokens and consents", sessions: "sessions" },
  pruning: (store: string, error: string) => `Old ${store}: ${error}`,
  gap: "Some events are missing here.",
  waiting: (count: string) => (count === "1" ? "Show 1 new event" : `Show ${count} new events`),
  more: (count: number) => `Show ${count} more`,
  none: "No event so far. They appear here as they happen.",
  noneOfGroup: "No event of this type so far.",
};

/** The screens without a connection, or without a permission. */
export const access = {
  kinds: {
    signIn: {
      title: "You aren't signed in",
      advice: "Sign in to list sessions and end them. You come back to this place.",
    },
    forbidden: {
      title: "Your account may not manage sessions",
      advice: "You are signed in, but the account needs at least one of these permissions:",
    },
    crossSite: {
      title: "The server refused this page",
      advice: "It only answers its own pages. Open the console at the address of its own server.",
    },
    offline: {
      title: "The server can't be reached",
      advice: "Check your network connection, and whether the server runs.",
    },
    gateway: {
      title: "The server doesn't answer",
      advice: "A proxy answered in its place. The server may be restarting.",
    },
    database: {
      title: "The database doesn't answer",
      advice: "The server runs, but can't read its sessions. Its log has the reason.",
    },
    busy: {
      title: "Too many requests",
      advice: "The server limits how often you may call it.",
    },
    missing: {
      title: "There is no admin API here",
      advice: "Something else answered where the console expects the admin API.",
    },
    notConfigured: {
      title: "This server doesn't offer this",
      advice: "The owner of the server can configure it.",
    },
    broken: {
      title: "The server failed",
      advice: "Its log has the reason. Try again, or tell the owner of the server.",
    },
  },
  permissions: {
    read: "list sessions, deliveries and events",
    remove: "end the sessions of a user",
    purge: "end all sessions that match a filter",
  },
  askOwner: "Ask the owner of this server for it.",
  noSignIn:
    "This server names no sign-in page. Use a token or secret, or sign in elsewhere and try again.",
  signInAsOther: "Sign in as someone else",
  trying: "Trying again…",
  tryingIn: (seconds: number) => `Trying again in ${seconds} s`,
  asked: "It asked at",
  serve: "Serve the console above the admin API, or name the API's path in its page:",
  serveExample: '<meta name="rollcall-api" content="/admin/api/">',
  tryDemo: "Open the demo",
  token: "Access token or secret",
  tokenHint: "It is kept in the memory of this page only.",
  useToken: "Use the token",
  malformedToken: "This is no access token. It is one line without spaces.",
  refusedToken: "The server didn't accept this token.",
  lapsed: "Your sign-in ended.",
  lapsedAdvice: "What is on the screen stays. Sign in again, then continue here.",
  signInAgain: "Sign in again",
  signedInAgain: "You are signed in again.",
  stillSignedOut: "You still aren't signed in.",
  mayNot: (what: string) => `Your account may not ${what}.`,
  may: "It may:",
  mayNothing: "It has no permission at all.",
  notOffered: "This server doesn't offer this. Its owner can configure it.",
  subject: "User id",
  session: "Session id (optional)",
  endOf: "End the user's sessions…",
  endOne: "End the session…",
  toPurge: "End many sessions",
  toSessions: "Go to the sessions",
};

/** The browser mode. */
export const demo = {
  title: "About the demo",
  reset: "Reset the demo",
  resetHint: "It makes up new sessions. Your changes are lost.",
  corrected: "Parts of the address were corrected:",
  corrections: {
    unknown: (name: string) => `The demo has no setting “${name}”.`,
    sessions: (given: string, most: number, used: number) =>
      `“sessions” must be a whole number up to ${wholeNumber(most)}, not “${given}”. The demo has ${counted(used, "session")}.`,
    word: (name: string, word: string, known: readonly string[]) =>
      `“${name}” can't have “${word}”, only ${known.join(", ")}.`,
  },
  notes: {
    damaged: "The sessions of your last visit can't be read, so these are new.",
    unavailable: "This browser keeps no data for this page. Your changes last until you close it.",
    too_many: "There are too many sessions to keep. Your changes last until you close this page.",
  },
};
