/**
 * All texts of the console, in English. A screen has one object.
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
    unknown: (name: string) => `The list has no setting \`${name}\`.`,
    repeated: (name: string) => `\`${name}\` was given twice; the first one counts.`,
    forms: (kept: string, name: string) =>
      `\`${kept}\` and \`${name}\` exclude each other; the first one counts.`,
    value: (name: string, value: string, known: readonly string[]) =>
      `\`${name}\` can't be \`${value}\`, only ${known.join(", ")}.`,
    time: (name: string, value: string) =>
      `\`${name}\` must be a time such as 2026-11-30T12:00:00Z, not \`${value}\`.`,
    range: (name: string) => `The range of \`${name}\` was empty, so only its first bound counts.`,
    unusable: (name: string) => `\`${name}\` has a character that no session has.`,
    unsupported: (name: string) => `This server can't filter by \`${name}\`.`,
    place: "The place in the list was damaged or belonged to another list. This is the first page.",
  },
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
  forbidden: "Your account may not end many sessions at once.",

  filter: "These sessions:",
  list: "Show them in the list",
  corrected: "Parts of the address can't be used, so more sessions match than it may mean:",
  previewRest: "Preview without them",
  everything: "Every session of this server",
  everythingHint:
    "There is no filter. To end the sessions of everybody, check the box; nothing ends before you confirm.",

  previewing: "Counting the sessions…",
  askAgain: "Preview again",
  matching: (count: number) => counted(count, "session matches", "sessions match"),
  nothing: "Nothing to end. Change the filter in the list.",
  ownKept: "Your own session stays.",
  ownEnds: "Your own session ends too: you may be signed out before all others have ended.",
  stale: "The preview was out of date. This is a new one.",
  before: ({ ended, lost }: { ended: number; lost: number }) =>
    lost === 0
      ? `${counted(ended, "session was", "sessions were")} ended before.`
      : `${counted(ended, "session was", "sessions were")} ended before, and up to ${wholeNumber(lost)} in a batch whose result is unknown.`,
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
  endsSessions: "End the sessions",
  endsSessionsHint: "Off: users stay signed in here; only tokens and clients are affected.",
  revokesTokens: "Revoke their tokens",
  revokesTokensHint: "Consents stay: they belong to users and not to sessions.",
  notifies: "Notify their clients",
  notifiesHint: "Clients end their own sessions of these users.",
  includesOwn: "End my own session too",
  limit: "Tokens and notifications only for these clients",
  limitHint: "The sessions end for all clients.",
  addClient: "Client id",
  add: "Add",
  pickClient: "Choose at least one client, or switch the limit off.",
  doesNothing: "With these options nothing happens.",
  reason: "Reason",
  reasonOptional: "Reason (optional)",
  reasonHint: "It is kept in the event log with your name.",

  confirm: (count: number) => `Type ${wholeNumber(count)} to confirm`,
  end: (count: number) => `End ${counted(count, "session")}`,
  endOthers: (count: number) => `Revoke and notify for ${counted(count, "session")}`,
  batches: (size: number) =>
    size === 1
      ? "One session at a time: you can stop in between."
      : `In batches of ${wholeNumber(size)}: you can stop in between.`,

  running: (count: number) => `Ending ${counted(count, "session")}`,
  progress: "Progress",
  stand: ({ endsSessions, handled, failed, left }: PurgeNumbers) =>
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
    delivered: "Clients notified",
    pending: "Notifications pending",
    notificationsFailed: "Notifications failed",
    skipped: "Clients skipped",
  },
  notes: "Notes",
  deliveries: "Notifications",
  deliveriesPart: (shown: number, count: number) =>
    shown < count
      ? `${wholeNumber(shown)} of ${wholeNumber(count)}, as they were when the batch ended`
      : "As they were when the batch ended",
  failedDeliveries: "Show the failed deliveries",
  allDeliveries: (count: number) => `Show all ${wholeNumber(count)}`,
  copyReport: "Copy as JSON",
  copied: "Copied",
  notCopied: "The browser didn't allow copying.",
  again: "Preview again",
  toSessions: "Back to the sessions",
};

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

/** Notes of the server in an administrator's words. Others are shown as they are. */
export const serverNotes: Readonly<Record<string, string>> = {
  "your own session was kept: set `includeOwn` to end it too": purge.ownKept,
  "no tokens or consents were revoked: no grant store is injected":
    "No tokens were revoked: this server has no store for them.",
  "consents were kept: they belong to the subject and not to a session":
    "Consents were kept: they belong to users and not to sessions.",
  "tokens without a session were kept: other sessions of the subject may be active":
    "Tokens without a session were kept: other sessions of these users may be active.",
  "notifications were recorded but not sent: no `sendLogout` is injected":
    "Notifications were recorded but not sent: this server has no sender for them.",
  "no client was notified: `clients` and `sendLogout` are not both injected":
    "No client was notified: this server isn't set up for that.",
  "clients were not notified of some sessions, which the store could not read":
    "Clients weren't notified of some sessions, which the database couldn't read.",
};

/** The screen `#/deliveries`. */
export const deliveries = {
  title: "Deliveries",

  caption: "Notifications to clients",
  unavailable: "This server doesn't list deliveries.",
  unavailableHint:
    "Clients may be notified all the same. The owner of this server can add the list to its admin API.",

  columns: {
    state: "State",
    client: "Client",
    user: "User",
    session: "Session",
    attempts: "Attempts",
    last: "Last attempt",
    next: "Next attempt",
    action: "Action",
  },
  states: { delivered: "Delivered", pending: "Pending", failed: "Failed", skipped: "Skipped" },
  attemptsAfter: (count: number) => (count === 1 ? "attempt" : "attempts"),
  none: "none",
  allOfUser: "all of the user",
  signal: "security event",
  signalHint: "The client gets a Security Event Token.",
  reasons: {
    timeout: "The client didn't answer in time.",
    unreachable: "The client can't be reached.",
    redirect: "The client's address redirects, which isn't followed.",
    unknownClient: "The client isn't registered any more.",
    disabledClient: "The client is disabled.",
    noAddress: "The client has no address for notifications.",
    badAddress: "The client's address isn't allowed.",
    wrongAddress: "The client has nothing at this address.",
    refused: "The client refused access.",
    busy: "The client was busy.",
    broken: "The client failed.",
    rejected: "The client rejected the notification.",
    notTried: "Not tried yet.",
    other: "The notification couldn't be sent.",
  },

  anyState: "All",
  filters: "Filters",
  fields: { clientId: "Client", subjectId: "User", sessionId: "Session" },
  field: "Filter by",
  value: (field: string) => `${field} id`,
  add: "Add filter",
  remove: (field: string, value: string) => `Remove the filter ${field}: ${value}`,
  clear: "Clear all",
  badState: (state: string) => `There is no state \`${state}\`. All states are shown.`,
  unknownFilter: (name: string) => `There is no filter \`${name}\`. It was removed.`,

  loading: "Loading…",
  shown: (count: number) => counted(count, "notification"),
  page: (count: number, hasMore: boolean) =>
    `${counted(count, "notification")} on this page${hasMore ? ", and more after it" : ""}`,
  next: "Next page",
  back: "Previous page",
  first: "First page",
  changes: (count: number) => counted(count, "change"),
  show: "show",
  refresh: "Refresh",
  kept: (time: string) => `Shown is the state of ${time}.`,

  emptyFiltered: "No notification matches these filters.",
  emptyPage: "There are no notifications on this page.",
  empty: "No notifications yet.",
  emptyHint:
    "When a session ends, each of its clients that takes notifications appears here. Delivered notifications are kept for a week and failed ones for 90 days, unless this server sets other times. Clients without an address for notifications are skipped and don't appear.",

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
  retryLater: "The server attempts them within seconds, if its deliveries run.",
  noneFailed: "Nothing has failed.",
  dismiss: "Dismiss",
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
