// Statements that are compiled once: the ones that are kept, and the values with which they run.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { Statements } from "../../pkg/sql/statement.js";

const kysely = new Kysely({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** Statements, with the number of times that each was built. */
function counted() {
  const statements = new Statements();
  const builds = new Map();
  const compile = (name, values, options) => {
    const build = (slots) => {
      builds.set(name, (builds.get(name) ?? 0) + 1);
      return Object.entries(slots)
        .filter(([, slot]) => slot !== undefined)
        .reduce(
          (query, [column, slot]) => query.where(column, "=", slot),
          kysely.selectFrom("t").selectAll(),
        );
    };
    return statements.statement(name, values, build, options).compile();
  };
  return { compile, builds };
}

describe("statements that are compiled once", () => {
  test("run with the values of each run", () => {
    const { compile, builds } = counted();
    const runs = [
      { a: "1", b: null },
      { a: "2", b: "3" },
      { b: "", a: "x" },
    ].map((values) => compile("both", values));
    assert.deepEqual(
      runs.map(({ parameters }) => parameters),
      [
        ["1", null],
        ["2", "3"],
        ["", "x"],
      ],
    );
    assert.equal(builds.get("both"), 2, "the order of the values isn't a part of the shape");
  });

  test("depend on which values are given", () => {
    const { compile } = counted();
    const texts = [{ a: "1" }, { a: "1", b: "2" }, { b: "2" }, { a: undefined, b: "2" }].map(
      (values) => compile("some", values).sql,
    );
    assert.equal(new Set(texts).size, 3);
    assert.equal(texts[2], texts[3], "`undefined` counts as absent");
  });

  test("are kept while they are used, however many others are compiled", () => {
    const { compile, builds } = counted();
    for (let size = 0; size < 3_000; size += 1) {
      compile(`page of ${size}`, { a: "1" }, { isNamed: false });
      compile("often", { a: "1" }, { isNamed: false });
      compile("named", { a: "1" });
    }
    assert.equal(builds.get("often"), 1);
    assert.equal(builds.get("named"), 1);
    compile("page of 0", { a: "1" }, { isNamed: false });
    assert.equal(builds.get("page of 0"), 2, "a statement that was used long ago is still kept");
  });

  test("have at most 500 names, which are never reused", () => {
    const { compile } = counted();
    const names = new Set();
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 2_000; n += 1) names.add(compile(`statement ${n}`, { a: "1" }).name);
    }
    names.delete(undefined);
    assert.equal(names.size, 500);
  });
});
