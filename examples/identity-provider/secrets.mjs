// @ts-check
/**
 * The secrets of the identity provider. The first start generates them and stores them beside the
 * data file.
 *
 * @module
 */

/** @import { TicketKeys } from "rollcall" */
/** @import { SigningKey } from "rollcall/logout" */

import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { exportJWK, generateKeyPair } from "jose";

/**
 * @typedef {object} Secrets
 * @property {SigningKey[]} signingKeys private keys, for ID tokens and logout tokens
 * @property {TicketKeys} ticketKeys for the tickets in the session store
 * @property {string[]} cookieKeys for signed cookies, the current one first
 * @property {Record<string, string>} clientSecrets by client id
 */

/**
 * Reads the secrets from this file. If it's missing, generates them and writes it, readable by its
 * owner only.
 *
 * @param {string} file
 * @param {readonly string[]} clientIds the clients that need a secret
 * @returns {Promise<Secrets>}
 */
export async function openSecrets(file, clientIds) {
  const stored = await readFile(file, "utf8").catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (stored !== undefined) return JSON.parse(stored);

  const secrets = await makeSecrets(clientIds);
  await writeFile(file, `${JSON.stringify(secrets, undefined, 2)}\n`, { flag: "wx", mode: 0o600 });
  return secrets;
}

/**
 * Reads the token from this file. If it's missing, generates one and writes it, readable by its
 * owner only.
 *
 * @param {string} file
 * @returns {Promise<string>}
 */
export async function openToken(file) {
  const stored = await readFile(file, "utf8").catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (stored !== undefined) return stored.trim();
  const token = randomText(32);
  await writeFile(file, `${token}\n`, { flag: "wx", mode: 0o600 });
  return token;
}

/**
 * @param {readonly string[]} clientIds
 * @returns {Promise<Secrets>}
 */
async function makeSecrets(clientIds) {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const ticketKeyId = randomText(6);
  return {
    signingKeys: [
      {
        ...(await exportJWK(privateKey)),
        kty: "RSA",
        kid: randomText(6),
        alg: "RS256",
        use: "sig",
      },
    ],
    ticketKeys: { current: ticketKeyId, keys: { [ticketKeyId]: randomText(32) } },
    cookieKeys: [randomText(32)],
    clientSecrets: Object.fromEntries(clientIds.map((clientId) => [clientId, randomText(32)])),
  };
}

/**
 * @param {number} bytes
 * @returns {string} random, base64url
 */
function randomText(bytes) {
  return randomBytes(bytes).toString("base64url");
}
