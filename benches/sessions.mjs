// @ts-check
/**
 * Made-up sessions, the same in every run. A session depends only on its number and on the total.
 *
 * @module
 */

/** @import { StoredSession } from "../pkg/index.js" */

import { createHash } from "node:crypto";
import { foldText } from "../pkg/entry/node.js";

/** The sessions of one population. Every number of sessions must be a multiple of it. */
const POPULATION = 10_000;
/**
 * The numbers of sessions that subjects have. In a population, the subjects of each size have
 * `SHARE` sessions together.
 */
const SUBJECT_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
const SHARE = POPULATION / SUBJECT_SIZES.length;

/**
 * A prime that doesn't divide a power of ten. Steps of this length visit every session once, and
 * the sessions of a subject at distant positions.
 */
const STRIDE = 611_953;

/** Milliseconds. */
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
/** The creation time of the first session, and the time span of all. */
const BEGINNING = Date.UTC(2026, 0, 1);
const SPAN = 30 * DAY;
/** The lifetimes of sessions; `undefined` means that they don't expire. */
const LIFETIMES = [8 * HOUR, 14 * DAY, 14 * DAY, 30 * DAY, undefined];

const GIVEN_NAMES = [
  ...[
    "Amélie",
    "Bjørn",
    "Chiara",
    "Дмитрий",
    "Ελένη",
    "Fatou",
    "Gül",
    "हरीश",
    "İpek",
    "Jürgen",
    "Kofi",
    "Łucja",
    "Máté",
  ],
  ...[
    "فاطمة",
    "Olu",
    "Pádraig",
    "Quinn",
    "さくら",
    "Søren",
    "Thị Hồng",
    "Ümit",
    "Vítězslav",
    "민준",
    "Xóchitl",
    "ปิยะ",
    "Zoë",
  ],
];
const FAMILY_NAMES = [
  ...[
    "Adébáyọ̀",
    "Brandão",
    "Çelik",
    "Dvořák",
    "Etxeberria",
    "Fofanah",
    "García",
    "Hernández",
    "Иванов",
    "Jónsdóttir",
    "김",
  ],
  ...[
    "Lefèvre",
    "Müller",
    "Nguyễn",
    "O’Brien",
    "Παπαδοπούλου",
    "Quispe",
    "Rossi",
    "Świątek",
    "小林",
    "कुमार",
    "Virtanen",
    "李",
  ],
];

const CLIENTS = 20;
/** The number of clients that have their own id of each session. */
const CLIENTS_WITH_OWN_IDS = 2;

const USER_AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148",
  "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
];

/** The ids of the clients. */
export const CLIENT_IDS = Array.from({ length: CLIENTS }, (_, number) => `client-${number}`);

/**
 * Makes one session. Higher numbers were created later; a few sessions have the same instant.
 *
 * @param {number} number from 0
 * @param {number} total the number of sessions
 * @returns {StoredSession}
 */
export function makeSession(number, total) {
  const random = createHash("sha512").update(`session ${number}`).digest();
  const [pick = 0, use = 0, agent = 0, first = 0, step = 0, device = 0, a = 0, b = 0, c = 0] =
    random.subarray(48);
  const created = BEGINNING + Math.floor((number * SPAN) / total / SECOND) * SECOND;
  const lifetime = LIFETIMES[pick % LIFETIMES.length];
  const renewed = created + use * 60 * SECOND;
  const { subjectId, displayName } = subjectAt((number * STRIDE) % total);
  return {
    key: random.toString("hex", 0, 32),
    scheme: "cookie",
    subjectId,
    sessionId: random.toString("hex", 32, 48),
    displayName,
    displayNameFolded: foldText(displayName),
    issuer: "https://login.example.com",
    created,
    renewed,
    ...(lifetime !== undefined && { expires: renewed + lifetime }),
    clients: clientsOf(first, step, random),
    // Private addresses (RFC 1918) and addresses for documentation (RFC 3849).
    ipAddress: a % 4 === 0 ? `2001:db8:${a}:${b}::${c.toString(16)}` : `10.${a}.${b}.${c}`,
    userAgent: USER_AGENTS[agent % USER_AGENTS.length] ?? "",
    ...(device % 4 === 0 && { attributes: { device: device % 8 === 0 ? "phone" : "tablet" } }),
    ticket: `1.2026.${random.toString("base64url")}`,
  };
}

/**
 * Lists the subjects with at least `size` sessions, ordered by their numbers of sessions.
 *
 * @param {number} size
 * @param {number} total the number of sessions
 */
export function subjectsOf(size, total) {
  const sizes = SUBJECT_SIZES.filter((candidate) => candidate >= size);
  return sizes.flatMap((sessions) => {
    const ids = [];
    for (let population = 0; population < total; population += POPULATION) {
      const begin = population + SUBJECT_SIZES.indexOf(sessions) * SHARE;
      for (let place = begin; place < begin + SHARE; place += sessions)
        ids.push(subjectAt(place).subjectId);
    }
    return ids.map((subjectId) => ({ subjectId, sessions }));
  });
}

/**
 * The subject at a place. Places are ordered by population, then by the size of the subject, then
 * by subject.
 *
 * @param {number} place
 */
function subjectAt(place) {
  const share = Math.floor(place / SHARE);
  const size = SUBJECT_SIZES[share % SUBJECT_SIZES.length] ?? 1;
  const begin = place - (place % size);
  const given = GIVEN_NAMES[begin % GIVEN_NAMES.length];
  const family = FAMILY_NAMES[begin % FAMILY_NAMES.length];
  return {
    subjectId: uuid(createHash("sha1").update(`subject ${begin}`).digest("hex")),
    displayName: `${given} ${family}`,
  };
}

/** @param {string} hex 32 digits or more */
function uuid(hex) {
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}

/**
 * Between one and four different clients; few are more common.
 *
 * @param {number} first
 * @param {number} step
 * @param {Buffer} random
 */
function clientsOf(first, step, random) {
  const count = 1 + (step % 2) + (step % 5 === 0 ? 2 : 0);
  return Array.from({ length: count }, (_, index) => {
    // 7 has no common factor with the number of clients, so no client comes twice.
    const number = (first + index * 7) % CLIENTS;
    const clientId = `client-${number}`;
    return number < CLIENTS_WITH_OWN_IDS
      ? { clientId, sessionId: random.toString("hex", index, index + 16) }
      : { clientId };
  });
}
