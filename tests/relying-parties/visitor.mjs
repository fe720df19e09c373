/**
 * The parts of a person's browser that signing in needs: it keeps cookies, follows redirects and
 * sends forms.
 *
 * @module
 */

import assert from "node:assert/strict";
import { DEMO_PASSWORDS } from "../../examples/identity-provider/accounts.mjs";

const MOST_REDIRECTS = 10;

export class Visitor {
  /** By origin, because every server here is on a port of 127.0.0.1, and cookies ignore ports. */
  #cookies = new Map();

  /** Opens a page and follows its redirects. */
  async open(url, options = {}) {
    let [place, request] = [new URL(url), options];
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      const headers = {
        accept: "text/html",
        cookie: this.#cookiesFor(place.origin),
        ...request.headers,
      };
      const response = await fetch(place, { ...request, headers, redirect: "manual" });
      this.#keep(place.origin, response.headers.getSetCookie());
      const text = await response.text();
      if (!response.headers.has("location"))
        return { url: place.href, status: response.status, text };
      [place, request] = [new URL(response.headers.get("location"), place), {}];
    }
    throw new Error(`more than ${MOST_REDIRECTS} redirects from ${url}`);
  }

  /** Fills in and sends the first form of a page of the identity provider. */
  async submit({ url, text }, fields = {}) {
    const action = /<form method="post" action="([^"]+)">/.exec(text)?.[1];
    const csrf = /<input type="hidden" name="csrf" value="([^"]+)">/.exec(text)?.[1];
    assert.ok(action !== undefined && csrf !== undefined, `no form at ${url}:\n${text}`);
    const { origin } = new URL(url);
    return this.open(new URL(action, origin), {
      method: "POST",
      headers: { origin },
      body: new URLSearchParams({ csrf, ...fields }),
    });
  }

  /** Signs in at an application, and consents if the identity provider asks. */
  async signIn(application, username) {
    const form = await this.open(`${application}/login`);
    let page = await this.submit(form, { username, password: DEMO_PASSWORDS[username] });
    if (page.url.includes("/interaction/")) page = await this.submit(page);
    assert.equal(page.url, `${application}/`, page.text);
  }

  #cookiesFor(origin) {
    return [...(this.#cookies.get(origin) ?? [])]
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");
  }

  #keep(origin, lines) {
    const cookies = this.#cookies.get(origin) ?? new Map();
    this.#cookies.set(origin, cookies);
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      const expires = /; *expires=([^;]+)/i.exec(line)?.[1];
      if (expires !== undefined && Date.parse(expires) <= Date.now()) cookies.delete(name);
      else cookies.set(name, value);
    }
  }
}
