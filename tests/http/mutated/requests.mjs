/**
 * Requests made from the document: valid ones of every operation, and mutations as hostile or
 * broken callers send them. The seed determines all of them.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import fc from "fast-check";

const document = JSON.parse(
  readFileSync(new URL("../../../pkg/openapi.json", import.meta.url), "utf8"),
);

/** The operations of the document. */
export const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    operation,
  })),
);

/**
 * A request as it's sent over the wire.
 *
 * @typedef {object} RawRequest
 * @property {string} id the operation that it was made from
 * @property {string[]} mutations their names
 * @property {string} method
 * @property {string} target path and query, as they are sent
 * @property {[name: string, value: string][]} headers
 * @property {Buffer} [body]
 * @property {"whole" | "slow" | "cut" | "chunked"} sending the way in which the body is sent
 */

/**
 * Makes one request.
 *
 * @param {(least: number, most: number) => number} random a whole number
 * @param {Record<string, string[]>} known values of parameters and members that exist, by name
 * @param {{ path: string, headers: [string, string][] }} base
 * @returns {RawRequest}
 */
export function requestOf(random, known, base) {
  const pick = (list) => list[random(0, list.length - 1)];
  const { id, method, path, operation } = pick(OPERATIONS);
  const values = new Values(random, known);
  const query = [];
  let target = base.path + path;
  for (const { name, in: where, schema } of operation.parameters) {
    if (where === "path") {
      target = target.replace(`{${name}}`, encodeURIComponent(values.of(schema, name)));
    } else if (random(0, 3) === 0) {
      query.push([name, String(values.of(schema, name))]);
    }
  }
  const bodySchema = operation.requestBody?.content["application/json"].schema;
  const members = bodySchema && values.of(bodySchema, "");
  const call = {
    id,
    mutations: [],
    method,
    target,
    query,
    headers: [...base.headers, ...(members ? [["content-type", "application/json"]] : [])],
    members,
    body: undefined,
    sending: "whole",
  };
  for (let count = random(0, 3); count > 0; count -= 1) {
    const name = pick(Object.keys(MUTATIONS));
    if (MUTATIONS[name](call, { random, pick }) !== false) call.mutations.push(name);
  }
  const { query: pairs, members: written, ...raw } = call;
  if (pairs.length > 0) {
    const search = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
    raw.target += (raw.target.includes("?") ? "&" : "?") + search;
  }
  if (raw.body === undefined && written !== undefined) {
    raw.body = Buffer.from(JSON.stringify(written) ?? "");
  }
  return raw;
}

/** Encodes like a form, except for lone surrogates. */
function encode(text) {
  return encodeURIComponent(text.toWellFormed?.() ?? text.replace(/[\ud800-\udfff]/g, "\ufffd"));
}

/** Values of the document's schemas. */
class Values {
  #random;
  #known;

  constructor(random, known) {
    this.#random = random;
    this.#known = known;
  }

  /** A value of a schema. Usually an existing one, if there is one of that name. */
  of(schema, name) {
    const { $ref, anyOf, const: only, enum: words, type } = schema;
    const known = this.#known[name];
    if (known !== undefined && type !== "array" && this.#random(0, 9) < 7) {
      return this.#pick(known);
    }
    if ($ref !== undefined) {
      return this.of(document.components.schemas[$ref.split("/").at(-1)], name);
    }
    if (anyOf !== undefined) return this.of(this.#pick(anyOf), name);
    if (only !== undefined) return only;
    if (words !== undefined) return this.#pick(words);
    switch (type) {
      case "boolean":
        return this.#random(0, 1) === 1;
      case "integer":
      case "number":
        return this.#random(schema.minimum ?? 0, schema.maximum ?? 1_000);
      case "array": {
        const { items, minItems = 0, maxItems = 5 } = schema;
        const length = this.#random(minItems, Math.min(maxItems, minItems + 4));
        return Array.from({ length }, () => this.of(items, name));
      }
      case "object":
        return this.#object(schema);
      default:
        return this.#string(schema);
    }
  }

  #object({ properties = {}, required = [] }) {
    const names = Object.keys(properties);
    const given = names.filter((name) => required.includes(name) || this.#random(0, 4) === 0);
    return Object.fromEntries(given.map((name) => [name, this.of(properties[name], name)]));
  }

  #string({ format, maxLength = 20 }) {
    if (format === "date-time") return "2026-11-30T12:00:00Z";
    if (format === "date") return "2026-11-30";
    const length = this.#random(1, Math.min(maxLength, 20));
    return Array.from({ length }, () => this.#pick([..."abcxyz019-_. äß漢😀%"])).join("");
  }

  #pick(list) {
    return list[this.#random(0, list.length - 1)];
  }
}

const NAMES = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "toJSON"],
  ...["actor", "permissions", "issuers", "includeTicket", "redact", "sessionId.equals", "valueOf"],
];

const TEXTS = [
  ...["", " ", "\u0085", "\ufeff", "\0", "a\0b", "\ud800", "\udfff\ud800", "\r\nset-cookie: a=b"],
  ...[
    "%00",
    "%",
    "%zz",
    "../..",
    "..%2f",
    "'; drop table rollcall_sessions --",
    "<script>",
    "{{7*7}}",
  ],
  ...["NaN", "Infinity", "-0", "1e999", "null", "undefined", "[object Object]", "\u202e", "İ", "ς"],
  "x".repeat(300),
  "x".repeat(5_000),
  "漢".repeat(2_000),
];

const OTHERS = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    2 ** 53,
    9e15,
    "",
    "text",
    [],
    {},
    [[]],
    [null],
  ],
  ...[{ equals: 1 }, { equals: "a", contains: "b" }, { length: 3 }, { after: {} }],
];

/** Each returns `false` if it doesn't apply to the request. */
const MUTATIONS = {
  member(call, { pick }) {
    if (!isObject(call.members)) return false;
    const place = pick(placesIn(call.members));
    const name = pick([...Object.keys(place), ...NAMES]);
    define(place, name, pick([...OTHERS, ...TEXTS]));
  },
  removedMember(call, { pick }) {
    if (!isObject(call.members)) return false;
    const place = pick(placesIn(call.members));
    delete place[pick([...Object.keys(place), "filter"])];
  },
  otherBody(call, { pick }) {
    call.members = pick([...OTHERS, ...TEXTS]);
  },
  deepBody(call, { random, pick }) {
    const depth = pick([10, 500, 20_000, 100_000]);
    const [open, close] = pick([
      ["[", "]"],
      ['{"filter":', "}"],
      ['{"a":', "}"],
    ]);
    const isWhole = random(0, 1) === 1;
    call.body = Buffer.from(open.repeat(depth) + (isWhole ? `1${close.repeat(depth)}` : ""));
  },
  cyclicLooking(call) {
    call.body = Buffer.from('{"filter":{"$ref":"#"},"$id":"#","__proto__":{"$ref":"#/filter"}}');
  },
  hugeBody(call, { pick }) {
    const list = JSON.stringify(Array.from({ length: 12_000 }, (_, number) => `id-${number}`));
    call.body = Buffer.from(
      pick([
        `{"subjectId":"a","exceptSessionIds":${list}}`,
        `{"subjectId":"a","clientIds":${list}}`,
        `{"subjectId":"${"x".repeat(200_000)}"}`,
        `{"subjectId":"${"x".repeat(300_000)}"}`,
        `{${Array.from({ length: 15_000 }, (_, number) => `"m${number}":1`).join(",")}}`,
        `{"filter":{"issuer":${list}}}`,
        `[${"{},".repeat(60_000)}{}]`,
        " ".repeat(262_144),
      ]),
    );
  },
  notJson(call, { pick }) {
    call.body = Buffer.from(
      pick(["{", '{"a":1}}', "{'a':1}", '{"a":01}', "NaN", "\ufeff{}", "// {}", '{"a":"\n"}', ""]),
    );
  },
  badBytes(call, { pick }) {
    call.body = Buffer.from(
      pick(["7b22ff223a317d", "c080", "eda080", "f8888080", "00", "fffe7b007d00", "22eda08022"]),
      "hex",
    );
  },
  repeatedMembers(call) {
    call.body = Buffer.from(
      '{"filter":{},"filter":{"subjectId":"a"},"subjectId":"a","subjectId":1}',
    );
  },
  escapedSurrogates(call, { pick }) {
    call.body = Buffer.from(
      `{"subjectId":"\\ud800","filter":{"search":"${pick(["\\udfff", "a\\ud800b", "\\u0000"])}"}}`,
    );
  },
  contentType(call, { pick }) {
    setHeader(
      call,
      "content-type",
      pick([
        ...["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
        ...["application/json; charset=utf-16", "application/jsonx", "application/json,text/plain"],
        ...["", ";", "APPLICATION/JSON", "application/json;", "application/vnd.api+json"],
      ]),
    );
  },
  contentEncoding(call, { pick }) {
    setHeader(call, "content-encoding", pick(["gzip", "br", "identity", "x"]));
  },
  sending(call, { pick }) {
    call.sending = pick(["slow", "cut", "chunked", "chunked"]);
  },
  method(call, { pick }) {
    call.method = pick([
      ...["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "PROPFIND", "SEARCH"],
      ...["TRACE", "LINK", "get"],
    ]);
  },
  header(call, { pick }) {
    const [name, value] = pick([
      ["authorization", "Basic Og=="],
      ["authorization", "Bearer"],
      ["authorization", `Bearer ${"x".repeat(4_000)}`],
      ["authorization", "bearer a.b.c"],
      ["cookie", "__Host-session=; a=b; ; ="],
      ["cookie", "x".repeat(4_000)],
      ["origin", "null"],
      ["origin", "https://evil.example.com"],
      ["sec-fetch-site", "cross-site"],
      ["sec-fetch-site", ""],
      ["sec-fetch-site", "same-origin, cross-site"],
      ["last-event-id", "x".repeat(3_000)],
      ["last-event-id", "\u00ff\u00fe"],
      ["x-http-method-override", "DELETE"],
      ["x-forwarded-host", "evil.example.com"],
      ["x-original-url", "/v1/sessions"],
      ["accept", "text/html"],
      ["expect", "200-ok"],
      ["if-none-match", "*"],
      ["range", "bytes=0-0"],
      ["upgrade", "websocket"],
      ["te", "trailers"],
      ["idempotency-key", "__proto__"],
    ]);
    setHeader(call, name, value);
  },
  repeatedHeader(call, { pick }) {
    const header = pick(call.headers);
    call.headers.push([header[0], pick([header[1], "x"])]);
  },
  parameter(call, { pick }) {
    const names = [
      "resultsToken",
      "lastEventId",
      "created.after",
      "hours",
      "limit",
      "after",
      "types",
    ];
    call.query.push([pick([...call.query.map(([name]) => name), ...NAMES, ...names]), pick(TEXTS)]);
  },
  manyParameters(call, { pick }) {
    const name = pick(["types", "search", "a", "__proto__"]);
    for (let count = 0; count < 500; count += 1) call.query.push([name, String(count)]);
  },
  rawQuery(call, { pick }) {
    call.target += pick([
      ...["?%", "?%zz=%", "?=", "?&&&=&", "?search=%ff%fe", "?search=%c0%80", "?search=%ed%a0%80"],
      ...[
        "??",
        "?a=b?c=d#e",
        "?search=+&search=%20",
        "?subjectId[equals]=a",
        `?${"a=1&".repeat(300)}`,
      ],
    ]);
  },
  path(call, { pick, random }) {
    const at = random(1, call.target.length);
    call.target =
      call.target.slice(0, at) +
      pick([
        ...[
          "%2f",
          "%2F..%2F",
          "%00",
          "%",
          "%zz",
          "/",
          "//",
          "/../",
          "/./",
          "\\",
          ";a=b",
          "%ff",
          "%25",
        ],
        ...["%c2%85", "%ef%bb%bf", "%20", "+", ":", "*", ".", "%e2%80%ae", "\u00e9", "/v1/", "%5c"],
      ]) +
      call.target.slice(at);
  },
  hugeUrl(call, { pick }) {
    call.query.push(["search", "x".repeat(pick([7_000, 8_192, 10_000]))]);
  },
  oddTarget(call, { pick }) {
    call.target = pick([
      ...["/", "//evil.example.com/v1/sessions", "http://evil.example.com/admin/v1/sessions"],
      ...[
        "/admin/v1",
        "/admin/v1/",
        "/admin//v1/sessions",
        "/v1/v1/sessions",
        "/admin/v1/__proto__",
      ],
      ...[
        "/admin/v1/sessions/..",
        "/admin/%761/sessions",
        "/ADMIN/V1/SESSIONS",
        "/admin/v1/sessions/",
      ],
      ...["/admin/v1/sessions/constructor", "/admin/v1/deliveries/__proto__/retry", "/admin/v1/*"],
    ]);
  },
};

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object and all objects in it. */
function placesIn(value) {
  return [value, ...Object.values(value).filter(isObject).flatMap(placesIn)];
}

/** Also defines the name `__proto__`. */
function define(place, name, value) {
  Object.defineProperty(place, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function setHeader(call, name, value) {
  call.headers = [...call.headers.filter(([given]) => given !== name), [name, value]];
}

/** Whole numbers from a seed. The generator is the same on every version of Node. */
export function randomFrom(seed) {
  const numbers = numbersFrom(seed);
  return (least, most) => least + Math.floor(numbers.next().value * (most - least + 1));
}

/** A number from 0 up to 1, uniformly distributed. */
function* numbersFrom(seed) {
  const most = 2 ** 30;
  const number = fc.noBias(fc.integer({ min: 0, max: most - 1 }));
  for (let round = 0; ; round += 1) {
    for (const found of fc.sample(number, { seed: seed + round, numRuns: 1_000 })) {
      yield found / most;
    }
  }
}
