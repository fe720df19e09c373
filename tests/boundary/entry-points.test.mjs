/**
 * Every function of the entry points besides the core, with arguments that it can't use. Each error
 * names the right argument, and none is about a member of `undefined`.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { RollcallError } from "../../pkg/errors.js";
import * as forExpress from "../../pkg/express.js";
import * as globalTokenRevocation from "../../pkg/global-token-revocation.js";
import * as forHono from "../../pkg/hono.js";
import * as http from "../../pkg/http.js";
import * as logout from "../../pkg/logout.js";
import * as redis from "../../pkg/redis.js";
import * as sql from "../../pkg/sql.js";
import * as testing from "../../pkg/testing.js";

const OPTIONS = { dialect: "sqlite" };
const kysely = new Kysely({ dialect: sql.libsqlDialect(createClient({ url: ":memory:" })) });
const send = async () => [];

const ABSENT = [undefined, null];
const SESSION_COOKIE = /`tickets`|the options of `sessionCookie`/;
const WRONG = [...ABSENT, 5, "x", [], new Map(), Promise.resolve({})];

/**
 * By entry point and export: calls with the wrong argument, and the name that the error must
 * contain. `except` lists arguments that are right for one export.
 */
const CALLS = {
  "rollcall/sql": [
    sql,
    {
      sqlStores: [
        [(wrong) => sql.sqlStores(wrong, OPTIONS), /Kysely instance/],
        [(wrong) => sql.sqlStores(kysely, wrong), /the options of `sqlStores`/],
      ],
      migrate: [
        [(wrong) => sql.migrate(wrong, OPTIONS), /Kysely instance/],
        [(wrong) => sql.migrate(kysely, wrong), /the options of `migrate`/],
      ],
      migrationSql: [[sql.migrationSql, /the options of `migrationSql`/]],
      neonDialect: [[sql.neonDialect, /`neon\(url\)`/]],
      bunSqliteDialect: [[sql.bunSqliteDialect, /`bun:sqlite`/]],
      d1Dialect: [[sql.d1Dialect, /D1 binding/]],
      durableObjectDialect: [[sql.durableObjectDialect, /`ctx\.storage`/]],
      libsqlDialect: [[sql.libsqlDialect, /`createClient\(/]],
      nodeSqliteDialect: [[sql.nodeSqliteDialect, /`DatabaseSync`/]],
    },
  ],
  "rollcall/redis": [
    redis,
    {
      redisStores: [
        [(wrong) => redis.redisStores(wrong), /`redis` or `ioredis`/],
        [
          (wrong) => redis.redisStores(send, wrong),
          /the options of `redisStores`/,
          { except: ABSENT },
        ],
      ],
    },
  ],
  "rollcall/logout": [
    logout,
    {
      backChannelSender: [
        [logout.backChannelSender, /`issuer`|the options of `backChannelSender`/],
      ],
      isPublicAddress: [[logout.isPublicAddress, /IP address as a string/, { except: ["x"] }]],
    },
  ],
  "rollcall/express": [forExpress, { sessionCookie: [[forExpress.sessionCookie, SESSION_COOKIE]] }],
  "rollcall/hono": [forHono, { sessionCookie: [[forHono.sessionCookie, SESSION_COOKIE]] }],
  "rollcall/http": [
    http,
    {
      adminApi: [[http.adminApi, /`management`|the options of `adminApi`/]],
      bearerTokens: [[http.bearerTokens, /`issuer`|the options of `bearerTokens`/]],
      staticSecret: [[http.staticSecret, /`secret`|the actor|the options of `staticSecret`/]],
      eventFeed: [[http.eventFeed, /the options of `eventFeed`/, { except: ABSENT }]],
    },
  ],
  "rollcall/global-token-revocation": [
    globalTokenRevocation,
    {
      globalTokenRevocation: [
        [
          globalTokenRevocation.globalTokenRevocation,
          /`management`|the options of `globalTokenRevocation`/,
        ],
      ],
      privateKeyJwt: [
        [globalTokenRevocation.privateKeyJwt, /`audience`|the options of `privateKeyJwt`/],
      ],
    },
  ],
  "rollcall/testing": [
    testing,
    {
      storeCases: [
        [testing.storeCases, /`open` must be a function/],
        [(wrong) => testing.storeCases(() => wrong), /a `SessionStore` as `sessions`/],
        [(wrong) => testing.storeCases(() => ({ sessions: wrong })), /a `SessionStore`/],
      ],
      testStores: [
        [(wrong) => testing.testStores(wrong, () => ({})), /`test` must be a function/],
        [(wrong) => testing.testStores(test, wrong), /`open` must be a function/],
      ],
    },
  ],
};

for (const [entry, [exported, calls]] of Object.entries(CALLS)) {
  describe(entry, () => {
    test("every function is tested", () => {
      const functions = Object.keys(exported).filter(
        (name) => typeof exported[name] === "function",
      );
      assert.deepEqual(Object.keys(calls).sort(), functions.sort());
    });

    for (const [name, ways] of Object.entries(calls)) {
      test(name, async () => {
        for (const [call, message, { except = [] } = {}] of ways) {
          for (const wrong of WRONG.filter((value) => !except.includes(value))) {
            const error = await thrownBy(() => call(wrong));
            assert.ok(error instanceof RollcallError, `${inspect(wrong)}: ${inspect(error)}`);
            assert.equal(error.code, "invalid_argument", inspect(wrong));
            assert.match(error.message, message, inspect(wrong));
          }
        }
      });
    }
  });
}

test("an error names a missing `await`", async () => {
  const promise = Promise.resolve({});
  for (const call of [
    () => sql.sqlStores(promise, OPTIONS),
    () => sql.sqlStores(kysely, promise),
    () => sql.libsqlDialect(promise),
    () => redis.redisStores(promise),
    () => logout.backChannelSender(promise),
    () => globalTokenRevocation.privateKeyJwt(promise),
  ]) {
    assert.match((await thrownBy(call)).message, /not a promise: await it first$/);
  }
});

test("the storage of a Durable Object without SQLite is refused with the reason", async () => {
  const reason = new Error("SQL is not enabled for this Durable Object class");
  const storage = {
    transactionSync() {},
    get sql() {
      throw reason;
    },
  };
  const error = await thrownBy(() => sql.durableObjectDialect(storage));
  assert.equal(error.code, "invalid_argument");
  assert.equal(error.cause, reason);
});

describe("options", () => {
  class Options {
    #timeout = 60_000;
    get dialect() {
      return "sqlite";
    }
    get busyTimeout() {
      return this.#timeout;
    }
  }

  test("can have no prototype, or be of a class with getters", () => {
    const bare = Object.assign(Object.create(null), OPTIONS);
    for (const options of [bare, new Options()]) {
      assert.equal(typeof sql.sqlStores(kysely, options).sessions.get, "function");
    }
  });

  test("can be of a class whose methods are the callbacks", () => {
    class JwtOptions {
      audience = "https://id.example.com/revoke";
      keys() {}
      isFirstUse() {}
    }
    assert.equal(typeof globalTokenRevocation.privateKeyJwt(new JwtOptions()), "function");
  });

  test("aren't set by a polluted `Object.prototype`", async () => {
    Object.assign(Object.prototype, OPTIONS);
    try {
      assert.match((await thrownBy(() => sql.migrationSql({}))).message, /`dialect`/);
    } finally {
      delete Object.prototype.dialect;
    }
  });

  test("that can't be read are refused with the reason", async () => {
    const reason = new RangeError("locked");
    const options = {
      get dialect() {
        throw reason;
      },
    };
    const error = await thrownBy(() => sql.migrationSql(options));
    assert.equal(error.code, "invalid_argument");
    assert.equal(error.message, "`dialect` could not be read");
    assert.equal(error.cause, reason);
  });
});

/** Returns the error of a call. */
async function thrownBy(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}
