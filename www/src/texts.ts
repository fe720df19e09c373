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

/** The screen `#/sessions`. */
export const sessions = {
  title: "Sessions",
};

/** The session drawer. */
export const session = {
  title: "Session",
};

const wordList = new Intl.ListFormat("en-GB", { type: "conjunction" });

function numberOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

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
  // Phrases with an "and" of their own need the comma.
  const hasComma = rest.length > 0 || parts.some((phrase) => phrase.includes(" and "));
  const joined =
    last === undefined ? first : `${[first, ...rest].join(", ")}${hasComma ? "," : ""} and ${last}`;
  return `${joined.charAt(0).toUpperCase()}${joined.slice(1)}.`;
}

/** The end dialog and its report. */
export const ending = {
  titles: { session: "End session", subject: "End sessions", selection: "End sessions" },
  users: (count: number) => numberOf(count, "user"),
  list: (items: readonly string[]) => wordList.format(items),
  /** A list of clients that stays short. */
  clients: (ids: readonly string[], isPart: boolean) => {
    const shown = ids.slice(0, 5);
    const more = ids.length - shown.length;
    if (isPart) return wordList.format([...shown, more > 0 ? `at least ${more} more` : "more"]);
    return wordList.format(more > 0 ? [...shown, `${more.toLocaleString("en")} more`] : shown);
  },
  checking: "Checking what this would end…",
  /** What the dry run found. */
  effect: (counts: EndCounts, owner: string, clients: string) => {
    const grants = grantList(counts);
    return sentence([
      counts.sessions > 0 ? `ends ${numberOf(counts.sessions, "session")} of ${owner}` : "",
      grants === "" ? "" : `revokes ${grants}${counts.sessions > 0 ? "" : ` of ${owner}`}`,
      clients === "" ? "" : `notifies ${clients}`,
    ]);
  },
  /** What the call did. */
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
  notNotified: "Can't be notified:",
  skipped: {
    "the client is not known": "not registered",
    "the client is disabled": "disabled",
    "the client has no back-channel logout URI": "no logout address",
    "no client lookup is injected": "this server doesn't look up clients",
  } as Readonly<Record<string, string>>,
  /** The notes of the core, in an administrator's words. They hold for a dry run and a report. */
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
        { count: counts.delivered, word: isByClient ? "notified" : "delivered" },
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
    states: { delivered: "Notified", pending: "Pending", failed: "Failed", skipped: "Skipped" },
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
};

/** The screen without a connection. */
export const access = {
  token: "Access token",
  tokenHint: "It is kept in the memory of this page only.",
  useToken: "Use the token",
  tryDemo: "Open the demo",
};

/** The browser mode. */
export const demo = {
  title: "About the demo",
  reset: "Reset the demo",
  resetHint: "It makes up new sessions. Your changes are lost.",
  notes: {
    damaged: "The sessions of your last visit can't be read, so these are new.",
    unavailable: "This browser keeps no data for this page. Your changes last until you close it.",
    too_many: "There are too many sessions to keep. Your changes last until you close this page.",
  },
};
