// @ts-check
/**
 * The pages of the identity provider.
 *
 * @module
 */

/** @import { TicketSession } from "rollcall" */
/** @import { RelyingParty } from "../clients.mjs" */
/** @import { Html } from "../web/html.mjs" */

import { DEMO_PASSWORDS } from "../accounts.mjs";
import { html, page } from "../web/html.mjs";

const SITE = "Example Identity Provider";

const SCOPES = new Map([
  ["openid", "know who you are"],
  ["profile", "see your name"],
  ["email", "see your e-mail address"],
]);

/**
 * @param {string} title
 * @param {Html} body
 * @returns {string}
 */
function providerPage(title, body) {
  return page({ title, site: SITE, theme: "provider" }, body);
}

/**
 * The start page: the signed-in user, and links to the applications.
 *
 * @param {object} model
 * @param {TicketSession | undefined} model.session
 * @param {boolean} model.isAdministrator
 * @param {readonly RelyingParty[]} model.relyingParties
 * @param {string} model.csrf
 * @returns {string}
 */
export function homePage({ session, isAdministrator, relyingParties, csrf }) {
  const applications = html`<h2>Applications</h2>
      <ul class="links">
        ${relyingParties.map(({ name, origin }) => html`<li><a href="${origin}/">${name}</a></li>`)}
        ${isAdministrator && html`<li><a href="/admin/">Session console</a></li>`}
      </ul>`;
  if (session === undefined) {
    return providerPage(
      "Welcome",
      html`<h1>Nobody is signed in here</h1>
      <p><a class="button" href="/sign-in">Sign in</a></p>
      ${applications}`,
    );
  }
  return providerPage(
    "Welcome",
    html`<h1>Signed in as <span data-testid="signed-in-as">${session.displayName}</span></h1>
      <dl>
        <dt>Session</dt><dd><code data-testid="session-id">${session.sessionId}</code></dd>
        <dt>Since</dt><dd>${new Date(session.created).toUTCString()}</dd>
        <dt>Used at</dt><dd data-testid="clients">${session.clients.map(({ clientId }) => clientId).join(", ") || "no application yet"}</dd>
      </dl>
      <form method="post" action="/sign-out">
        ${hidden("csrf", csrf)}
        <button data-testid="sign-out">Sign out</button>
      </form>
      <p class="hint">Ends your session here and at every application that uses it.</p>
      ${applications}`,
  );
}

/**
 * The sign-in form.
 *
 * @param {object} model
 * @param {string} model.action the URL that the form is sent to
 * @param {string} model.csrf
 * @param {string} [model.clientName] the application that asks for the sign-in
 * @param {string} [model.username] already known, or entered before
 * @param {boolean} [model.isSameUser] whether the username can't be changed
 * @param {string} [model.problem]
 * @param {{ action: string, label: string }} [model.other] a second form with one button
 * @param {string} [model.returnTo]
 * @returns {string}
 */
export function signInPage({
  action,
  csrf,
  clientName,
  username = "",
  isSameUser = false,
  problem,
  other,
  returnTo,
}) {
  return providerPage(
    "Sign in",
    html`<h1>Sign in</h1>
      ${clientName !== undefined && html`<p>to go on to <strong>${clientName}</strong></p>`}
      ${problem !== undefined && html`<p class="problem" role="alert" data-testid="problem">${problem}</p>`}
      <form method="post" action="${action}">
        ${hidden("csrf", csrf)}
        ${returnTo !== undefined && hidden("return", returnTo)}
        <label>Username
          <input name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required
            ${isSameUser && "readonly"} ${username === "" && "autofocus"} data-testid="username"></label>
        <label>Password
          <input name="password" type="password" autocomplete="current-password" required
            ${username !== "" && "autofocus"} data-testid="password"></label>
        <button data-testid="submit">Sign in</button>
      </form>
      ${other !== undefined && html`<form method="post" action="${other.action}">${hidden("csrf", csrf)}<button class="quiet">${other.label}</button></form>`}
      <aside>
        <h2>This is a demonstration</h2>
        <p>The accounts are made up. These are their passwords:</p>
        <table>
          <tr><th>Username</th><th>Password</th><th></th></tr>
          ${Object.entries(DEMO_PASSWORDS).map(
            ([name, password]) =>
              html`<tr><td><code>${name}</code></td><td><code>${password}</code></td><td>${name === "carol" && "administrator"}</td></tr>`,
          )}
        </table>
      </aside>`,
  );
}

/**
 * The consent form: asks whether an application may have the scopes that it requested.
 *
 * @param {object} model
 * @param {string} model.uid of the interaction
 * @param {string} model.csrf
 * @param {string} model.clientName
 * @param {string} model.displayName of the user
 * @param {readonly string[]} model.scopes
 * @returns {string}
 */
export function consentPage({ uid, csrf, clientName, displayName, scopes }) {
  return providerPage(
    "Consent",
    html`<h1>${clientName} would like to</h1>
      <ul>${scopes.map((scope) => html`<li>${SCOPES.get(scope) ?? scope}</li>`)}</ul>
      <form method="post" action="/interaction/${uid}/consent">
        ${hidden("csrf", csrf)}
        <button data-testid="allow">Allow</button>
      </form>
      <form method="post" action="/interaction/${uid}/cancel">
        ${hidden("csrf", csrf)}
        <button class="quiet" data-testid="deny">Cancel</button>
      </form>
      <p class="hint">You are signed in as ${displayName}.</p>`,
  );
}

/**
 * @param {string | undefined} displayName
 * @param {string} csrf
 * @returns {string}
 */
export function forbiddenPage(displayName, csrf) {
  return providerPage(
    "Not for you",
    html`<h1>This page is for administrators</h1>
      <p data-testid="problem">You are signed in as ${displayName}, who may not manage sessions.</p>
      <form method="post" action="/sign-out">
        ${hidden("csrf", csrf)}
        ${hidden("return", "/admin/")}
        <button>Sign out and use another account</button>
      </form>
      <p><a href="/">Back</a></p>`,
  );
}

/**
 * @param {string} error
 * @param {string} [description]
 * @returns {string}
 */
export function errorPage(error, description) {
  return providerPage(
    "Error",
    html`<h1>That did not work</h1>
      <p class="problem" role="alert"><strong>${error}</strong>${description !== undefined && html`: ${description}`}</p>
      <p><a href="/">To the start page</a></p>`,
  );
}

/**
 * @param {string} name
 * @param {string} value
 * @returns {Html}
 */
function hidden(name, value) {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}
