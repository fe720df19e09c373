/**
 * The actions of a person in a browser.
 *
 * @module
 */

import assert from "node:assert/strict";

const PASSWORDS = { alice: "wonderland", bob: "christmas", carol: "mainstreet" };

/** Chromium's log lines about refused requests, which some of these tests expect. */
export const REFUSALS = /the server responded with a status of (400|401|403|404)/;

/** Fills in the sign-in form that the page shows. */
export async function enterPassword(page, username, password = PASSWORDS[username]) {
  await page.getByTestId("username").fill(username);
  await page.getByTestId("password").fill(password);
  await page.getByTestId("submit").click();
}

/** Signs in at the identity provider itself. */
export async function signInAtProvider(page, issuer, username) {
  await page.goto(`${issuer}/sign-in`);
  await enterPassword(page, username);
  await page.getByTestId("signed-in-as").waitFor();
}

/** Opens an application and presses its sign-in button. */
export async function beginSignIn(page, application) {
  await page.goto(`${application}/`);
  await page.getByTestId("sign-in").click();
}

/**
 * Signs in at an application: with a password, or without one if the provider has a session of the
 * person. Consents if the provider asks.
 */
export async function signInAtApplication(page, application, username) {
  await beginSignIn(page, application);
  if (username !== undefined) await enterPassword(page, username);
  if (page.url().includes("/interaction/")) await page.getByTestId("allow").click();
  await page.waitForURL(`${application}/`);
  await expectStatus(page, "signed-in");
}

/** Waits until the application's page shows the status. The page updates itself. */
export async function expectStatus(page, status) {
  await page.locator(`[data-status="${status}"]`).waitFor();
}

/** Presses one of the application's buttons that use its tokens, and returns the result. */
export async function useTokens(page, button) {
  await page.getByTestId(button).click();
  return page.getByTestId("token-result").textContent();
}

/** Calls a route of the admin API from a page of the provider, with its cookies. */
export async function callAdminApi(page, route, body) {
  return page.evaluate(
    async ([path, text]) => {
      const options =
        text === undefined
          ? {}
          : { method: "POST", headers: { "content-type": "application/json" }, body: text };
      const response = await fetch(path, options);
      return {
        status: response.status,
        type: response.headers.get("content-type"),
        body: await response.json(),
      };
    },
    [`/admin/api/v1/${route}`, body === undefined ? undefined : JSON.stringify(body)],
  );
}

/** The sessions of a subject, as the admin API returns them. */
export async function sessionsOf(page, subjectId) {
  const { status, body } = await callAdminApi(page, "sessions/query", { subjectId });
  assert.equal(status, 200, JSON.stringify(body));
  return body.results;
}
