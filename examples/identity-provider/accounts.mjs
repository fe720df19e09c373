// @ts-check
/**
 * The users who can sign in, and the check of their passwords.
 *
 * @module
 */

/** @import { ScryptOptions } from "node:crypto" */

import { scrypt, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * @type {(password: string, salt: Buffer, length: number, options: ScryptOptions) =>
 * Promise<Buffer>}
 */
const derive = promisify(scrypt);

/**
 * @typedef {object} Account
 * @property {string} subjectId
 * @property {string} username
 * @property {string} displayName
 * @property {string} email
 * @property {boolean} isAdministrator
 * @property {string} password hashed: `$scrypt$ln=<log2 N>,r=<r>,p=<p>$<salt>$<hash>`, both base64
 * (the PHC string format)
 */

/**
 * The passwords behind the hashes in `accounts.json`. The sign-in page shows them to make clear
 * that this is a demonstration.
 */
export const DEMO_PASSWORDS = { alice: "wonderland", bob: "christmas", carol: "mainstreet" };

/** The accounts, by subject and by username. */
export class Accounts {
  #bySubject;
  #byUsername;
  #anyPassword;

  /** @param {readonly [Account, ...Account[]]} accounts */
  constructor(accounts) {
    this.#bySubject = new Map(accounts.map((account) => [account.subjectId, account]));
    this.#byUsername = new Map(accounts.map((account) => [account.username, account]));
    this.#anyPassword = accounts[0].password;
  }

  /** @returns {Promise<Accounts>} the accounts in `accounts.json` */
  static async open() {
    return new Accounts(
      JSON.parse(await readFile(new URL("accounts.json", import.meta.url), "utf8")),
    );
  }

  /**
   * @param {string} subjectId
   * @returns {Account | undefined}
   */
  find(subjectId) {
    return this.#bySubject.get(subjectId);
  }

  /**
   * @param {string} subjectId
   * @returns {boolean} checked at each request, because an administrator can lose the right while
   * signed in
   */
  isAdministrator(subjectId) {
    return this.find(subjectId)?.isAdministrator === true;
  }

  /**
   * Finds the account with this username and password.
   *
   * @param {string} username
   * @param {string} password
   * @returns {Promise<Account | undefined>}
   */
  async authenticate(username, password) {
    const account = this.#byUsername.get(username.trim().toLowerCase());
    // An unknown username takes as long as a wrong password, so the response time doesn't reveal
    // which usernames exist.
    const isRight = await matches(password, account?.password ?? this.#anyPassword);
    return isRight ? account : undefined;
  }
}

/**
 * @param {string} password
 * @param {string} stored
 * @returns {Promise<boolean>}
 */
async function matches(password, stored) {
  const parts = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    stored,
  );
  if (parts === null)
    throw new Error("a stored password is not a scrypt hash in the PHC string format");
  const [, logN = "", r = "", p = "", salt = "", hash = ""] = parts;
  const expected = Buffer.from(hash, "base64");
  const cost = { N: 2 ** Number(logN), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, "base64"), expected.length, {
    ...cost,
    maxmem: 256 * cost.N * cost.r,
  });
  return timingSafeEqual(actual, expected);
}
