// @ts-check
/**
 * The pages. `html` escapes every value.
 *
 * @module
 */

/** @import { TicketSession, UserSession } from "rollcall" */

import { createHash } from "node:crypto";
import { html, raw } from "hono/html";

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
  li { display: flex; justify-content: space-between; gap: 1rem; padding: 1rem 0; border-top: 1px solid }
  ul { list-style: none; padding: 0 }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0 }
  dd { margin: 0; overflow-wrap: anywhere }
  label { display: block; margin-bottom: 1rem }
`;

/** No script runs here, and no other site can frame these pages or receive their forms. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "img-src data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** @param {string} [problem] */
export function signInPage(problem) {
  return page(
    "Sign in",
    html`${problem && html`<p role="alert">${problem}</p>`}
      <form method="post" action="/sign-in">
        <label>Username <input name="username" autocomplete="username" required></label>
        <label>Password
          <input name="password" type="password" autocomplete="current-password" required></label>
        <button>Sign in</button>
      </form>`,
  );
}

/**
 * @param {TicketSession} current
 * @param {readonly UserSession[]} sessions
 */
export function devicesPage(current, sessions) {
  return page(
    "Your devices",
    html`<p>Signed in as ${current.displayName}.
      If you don't know one of these devices, sign it out and change your password.</p>
      <ul>${sessions.map((session) => entry(session, session.sessionId === current.sessionId))}</ul>
      <form method="post" action="/end-others"><button>Sign out all other devices</button></form>`,
  );
}

/**
 * @param {UserSession} session
 * @param {boolean} isThisDevice
 */
function entry({ sessionId, userAgent, ipAddress, created, renewed }, isThisDevice) {
  return html`<li${isThisDevice ? raw(' aria-current="true"') : ""}>
    <div>
      <strong>${deviceName(userAgent)}</strong>${isThisDevice ? " (this device)" : ""}
      <dl>
        <dt>Address</dt><dd>${ipAddress ?? "unknown"}</dd>
        <dt>Signed in</dt><dd>${time(created)}</dd>
        <dt>Last renewed</dt><dd>${time(renewed)}</dd>
      </dl>
    </div>
    ${
      isThisDevice
        ? html`<form method="post" action="/sign-out"><button>Sign out</button></form>`
        : html`<form method="post" action="/end">
            <input type="hidden" name="sessionId" value="${sessionId}">
            <button>Sign out</button>
          </form>`
    }
  </li>`;
}

/** @param {Date} at */
function time(at) {
  const text = at.toISOString();
  return html`<time datetime="${text}">${text.slice(0, 16).replace("T", " ")} UTC</time>`;
}

/**
 * The first match wins: Edge and Opera also say "Chrome", and Chrome also says "Safari".
 *
 * @type {readonly (readonly [RegExp, string])[]}
 */
const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

/** @type {readonly (readonly [RegExp, string])[]} */
const SYSTEMS = [
  [/\b(?:iPhone|iPad)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/**
 * A name that people recognize. It's only a hint, because user agents can't be trusted.
 *
 * @param {string} [userAgent]
 */
function deviceName(userAgent = "") {
  const find = (/** @type {typeof BROWSERS} */ names) =>
    names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const [browser, system] = [find(BROWSERS), find(SYSTEMS)];
  if (browser === undefined) return userAgent.slice(0, 60) || "Unknown device";
  return system === undefined ? browser : `${browser} on ${system}`;
}

/**
 * @param {string} title
 * @param {unknown} body
 * @returns {Promise<string>}
 */
async function page(title, body) {
  const whole = await html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <style>${raw(STYLE)}</style>
  </head>
  <body>
    <h1>${title}</h1>
    ${body}
  </body>
</html>`;
  return String(whole);
}
