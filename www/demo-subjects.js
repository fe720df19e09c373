// @ts-check
/**
 * The people of the demo, with names from everywhere, and some that a page must not take for
 * anything but a name.
 *
 * @module
 */

/**
 * The one who uses the console.
 *
 * @type {{ subjectId: string, sessionId: string, displayName: string }}
 */
export const ADMINISTRATOR = {
  subjectId: "admin-1",
  sessionId: "a0b1c2d3e4f5061728394a5b6c7d8e9f",
  displayName: "Avery Admin",
};

const NAMES = [
  ...[
    "Дмитрий Иванов",
    "Ελένη Παπαδοπούλου",
    "فاطمة الزهراء",
    "हरीश कुमार",
    "小林 さくら",
    "தமிழ்ச்செல்வி",
    "יעל כהן",
    "김민준",
    "李娜",
  ],
  ...[
    "Nguyễn Thị Hồng",
    "Olu Adébáyọ̀",
    "Pádraig O’Brien",
    "Guðrún Jónsdóttir",
    "ปิยะ สุขใจ",
    "Iñaki Etxeberria",
    "Xóchitl Tlāloc",
  ],
  ...[
    "<img src=x onerror=alert(1)>",
    "Robert'); DROP TABLE sessions;--",
    "100 % _Wild_ & Co.",
    "🦊 Fox \u202Exof",
  ],
];
const GIVEN_NAMES = [
  ...[
    "Amélie",
    "Bjørn",
    "Chiara",
    "Diego",
    "Erik",
    "Fatou",
    "Gül",
    "Hilja",
    "İpek",
    "Jürgen",
    "Kofi",
    "Łucja",
    "Máté",
    "Noor",
  ],
  ...["Ölrún", "Paulo", "Quinn", "Renée", "Søren", "Tomás", "Ümit", "Vítězslav", "Wanjiku", "Zoë"],
];
const FAMILY_NAMES = [
  ...[
    "Abebe",
    "Brandão",
    "Çelik",
    "Dvořák",
    "Eriksen",
    "Fofanah",
    "García",
    "Hernández",
    "Iversen",
    "Jansen",
    "Kovács",
  ],
  ...[
    "Lefèvre",
    "Müller",
    "Novák",
    "Ødegård",
    "Popescu",
    "Quispe",
    "Rossi",
    "Świątek",
    "Tanaka",
    "Uzun",
    "Virtanen",
    "Wójcik",
  ],
];

/**
 * One of some two hundred subjects: always the same for the same number.
 *
 * @param {number} number 0 to 255
 * @returns {{ subjectId: string, displayName?: string }}
 */
export function sampleSubject(number) {
  // An account that runs jobs has no display name, and more sessions than anybody.
  if (number < 24) return { subjectId: "svc-backup" };
  const given = GIVEN_NAMES[number % GIVEN_NAMES.length];
  const family = FAMILY_NAMES[number % FAMILY_NAMES.length];
  return {
    subjectId: `u-${10_000 + number * 37}`,
    displayName: NAMES[number - 24] ?? `${given} ${family}`,
  };
}
