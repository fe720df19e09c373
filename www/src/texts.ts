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

/** The screen `#/sessions`. */
export const sessions = {
  title: "Sessions",
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
    "What this server process reported since you opened the console in this tab, at most the last 1,000 events. Your server's audit log has the complete record.",
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
  noSignIn: "This server names no sign-in page. Sign in to it in another tab, then try again.",
  signInAsOther: "Sign in as someone else",
  trying: "Trying again…",
  tryingIn: (seconds: number) => `Trying again in ${seconds} s`,
  asked: "It asked at",
  serve: "Serve the console above the admin API, or name the API's path in its page:",
  serveExample: '<meta name="rollcall-api" content="/admin/api/">',
  tryDemo: "Open the demo",
  token: "Access token",
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
  endOf: "End the user's sessions…",
  toPurge: "End many sessions",
  toSessions: "Go to the sessions",
};
