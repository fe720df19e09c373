// @ts-check
/**
 * oidc-provider with a plain Kysely adapter that has one table for all models.
 *
 * @module
 */

/** @import { Generated } from "kysely" */
/** @import { Adapter, AdapterPayload } from "oidc-provider" */
/** @import { Operations } from "./operations.mjs" */

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Kysely, PostgresDialect } from "kysely";
import Provider from "oidc-provider";
import pg from "pg";
import { execute, fill } from "./fill.mjs";
import { expect, POOLING } from "./operations.mjs";
import { checkedSessions, LIFETIME, turns } from "./sessions.mjs";

/**
 * @typedef {object} Payloads
 * @property {string} model
 * @property {string} id
 * @property {AdapterPayload} payload
 * @property {string | null} grant_id
 * @property {string | null} user_code
 * @property {string | null} uid
 * @property {Date | null} expires_at
 * @property {Generated<Date | null>} consumed_at
 */

const SCHEMA = `
  create table oidc_payloads (
    model text not null,
    id text not null,
    payload jsonb not null,
    grant_id text,
    user_code text,
    uid text,
    expires_at timestamptz,
    consumed_at timestamptz,
    primary key (model, id)
  );
  create index on oidc_payloads (grant_id) where grant_id is not null;
  create unique index on oidc_payloads (user_code) where user_code is not null;
  create unique index on oidc_payloads (uid) where uid is not null;
  create index on oidc_payloads (expires_at);`;
const INSERT_SESSIONS = `
  insert into oidc_payloads (model, id, payload, uid, expires_at)
  select 'Session', payload ->> 'jti', payload, payload ->> 'uid', to_timestamp((payload ->> 'exp')::bigint)
  from jsonb_to_recordset($1::text::jsonb) as session (payload jsonb)`;

/**
 * @param {string} url
 * @param {number} total
 */
export async function fillDatabase(url, total) {
  await execute(url, SCHEMA);
  await fill(url, total, [INSERT_SESSIONS], (session) => {
    const id = (/** @type {number} */ place) => session.key.slice(place, place + 43);
    const authorizations = Object.fromEntries(
      session.clients.map(({ clientId }, index) => [
        clientId,
        { sid: id(index + 1), grantId: id(index + 3) },
      ]),
    );
    const payload = {
      iat: seconds(session.created),
      exp: seconds(session.expires),
      uid: id(20),
      jti: id(0),
      kind: "Session",
      accountId: session.subjectId,
      loginTs: seconds(session.created),
      authorizations,
    };
    return { payload };
  });
}

/**
 * @param {string} url
 * @param {number} total
 * @returns {Promise<Operations>}
 */
export async function start(url, total) {
  const pool = new pg.Pool({ connectionString: url, ...POOLING });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = new Provider("https://login.example.com", {
    adapter: adapterOn(new Kysely({ dialect: new PostgresDialect({ pool }) })),
    cookies: { keys: [randomBytes(32).toString("hex")] },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kty: "RSA", use: "sig" }] },
    features: { devInteractions: { enabled: false } },
  });
  const ids = await Promise.all(
    checkedSessions(total).map(async ({ subjectId, clients }) => {
      const session = new provider.Session();
      session.loginAccount({ accountId: subjectId });
      for (const { clientId } of clients) session.ensureClientContainer(clientId);
      return await session.save(seconds(LIFETIME));
    }),
  );
  const nextId = turns(ids);
  return {
    check: async () => {
      const session = await provider.Session.find(nextId());
      expect(session?.accountId !== undefined, "no session");
    },
  };
}

/** @param {Kysely<{ oidc_payloads: Payloads }>} kysely */
function adapterOn(kysely) {
  return (/** @type {string} */ model) => {
    const read = async (
      /** @type {"id" | "uid" | "user_code"} */ column,
      /** @type {string} */ value,
    ) => {
      const row = await kysely
        .selectFrom("oidc_payloads")
        .select(["payload", "consumed_at"])
        .where("model", "=", model)
        .where(column, "=", value)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return row.consumed_at === null ? row.payload : { ...row.payload, consumed: true };
    };
    /** @type {Adapter} */
    const adapter = {
      upsert: async (id, payload, expiresIn) => {
        const values = {
          payload,
          grant_id: payload.grantId ?? null,
          user_code: payload.userCode ?? null,
          uid: payload.uid ?? null,
          expires_at: expiresIn ? new Date(Date.now() + expiresIn * 1_000) : null,
        };
        await kysely
          .insertInto("oidc_payloads")
          .values({ model, id, ...values })
          .onConflict((conflict) => conflict.columns(["model", "id"]).doUpdateSet(values))
          .execute();
      },
      find: (id) => read("id", id),
      findByUid: (uid) => read("uid", uid),
      findByUserCode: (userCode) => read("user_code", userCode),
      consume: async (id) => {
        await kysely
          .updateTable("oidc_payloads")
          .set({ consumed_at: new Date() })
          .where("model", "=", model)
          .where("id", "=", id)
          .execute();
      },
      destroy: async (id) => {
        await kysely
          .deleteFrom("oidc_payloads")
          .where("model", "=", model)
          .where("id", "=", id)
          .execute();
      },
      revokeByGrantId: async (grantId) => {
        await kysely
          .deleteFrom("oidc_payloads")
          .where("model", "=", model)
          .where("grant_id", "=", grantId)
          .execute();
      },
    };
    return adapter;
  };
}

/** @param {number} milliseconds */
function seconds(milliseconds) {
  return Math.floor(milliseconds / 1_000);
}
