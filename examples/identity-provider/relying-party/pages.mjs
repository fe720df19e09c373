// @ts-check
/**
 * The pages of an application.
 *
 * @module
 */

/** @import { RelyingParty } from "../clients.mjs" */
/** @import { Html } from "../web/html.mjs" */
/** @import { Session } from "./sessions.mjs" */

import { html, page } from "../web/html.mjs";

/**
 * The application's one page.
 *
 * @param {RelyingParty} client
 * @param {object} model
 * @param {Session} [model.session]
 * @param {string} model.issuer
 * @returns {string}
 */
export function applicationPage({ clientId, name }, { session, issuer }) {
  const isSignedIn = session !== undefined && !session.isEnded;
  const outcome = session?.outcome;
  return page(
    {
      title: isSignedIn ? "Signed in" : "Signed out",
      site: name,
      theme: clientId,
      scripts: ["/watch.js"],
    },
    html`${session === undefined ? signedOut() : session.isEnded ? endedByProvider(session) : signedIn(session)}
      ${outcome !== undefined && html`<p class="${outcome.isGood ? "done" : "problem"}" role="status" data-testid="token-result">${outcome.text}</p>`}
      <p class="hint">Identity provider: <a href="${issuer}/">${issuer}</a></p>`,
  );
}

function signedOut() {
  return html`<h1 data-testid="status" data-status="signed-out">You are signed out</h1>
      ${signInButton()}`;
}

/** @param {Session} session */
function endedByProvider(session) {
  return html`<h1 data-testid="status" data-status="ended">Signed out by the identity provider</h1>
      <p class="ended">It sent this application a logout token for the session <code>${session.sid}</code>, and the token was verified.</p>
      ${signInButton()}
      <h2>The tokens that this application had</h2>
      <p>were revoked along with the session. Try them:</p>
      ${tokenButtons()}`;
}

/** @param {Session} session */
function signedIn(session) {
  return html`<h1 data-testid="status" data-status="signed-in">Hello, <span data-testid="name">${String(session.claims.name ?? session.sub)}</span></h1>
      <dl>
        <dt>Subject</dt><dd><code data-testid="subject">${session.sub}</code></dd>
        <dt>Session</dt><dd><code data-testid="sid">${session.sid}</code></dd>
        ${Object.entries(session.claims)
          .filter(([name]) => name !== "sub" && name !== "sid")
          .map(
            ([name, value]) =>
              html`<dt>${name}</dt><dd>${typeof value === "string" ? value : JSON.stringify(value)}</dd>`,
          )}
      </dl>
      ${tokenButtons()}
      <form method="post" action="/sign-out"><button class="quiet" data-testid="sign-out">Sign out of this application</button></form>`;
}

/** @returns {Html} */
function signInButton() {
  return html`<form method="post" action="/sign-in"><button data-testid="sign-in">Sign in</button></form>`;
}

/** @returns {Html} */
function tokenButtons() {
  return html`<div class="row">
        <form method="post" action="/refresh"><button class="quiet" data-testid="refresh">Refresh the tokens</button></form>
        <form method="post" action="/userinfo"><button class="quiet" data-testid="userinfo">Ask for user info</button></form>
      </div>`;
}

/**
 * @param {RelyingParty} client
 * @param {string} problem
 * @returns {string}
 */
export function problemPage({ clientId, name }, problem) {
  return page(
    { title: "Error", site: name, theme: clientId },
    html`<h1>That did not work</h1>
      <p class="problem" role="alert">${problem}</p>
      <p><a href="/">To the start page</a></p>`,
  );
}
