/**
 * The definition of an instant, for every argument.
 *
 * @module
 */

/**
 * RFC 3339, section 5.6: a date, or a date and a time with its offset. Without the offset the
 * instant would depend on the time zone of the process.
 */
const RFC_3339 =
  /^(\d{4}-\d{2}-(\d{2}))(?:T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2})))?$/i;

const MINUTE = 60_000;

/**
 * Converts a `Date` of any realm, an RFC 3339 string (a date alone means midnight UTC) or a number
 * of epoch milliseconds (truncated) to epoch milliseconds. `undefined` for anything else, for a day
 * that doesn't exist, and for a time that a `Date` can't hold.
 */
export function epochMilliseconds(time: unknown): number | undefined {
  switch (typeof time) {
    case "number":
      return inRange(time);
    case "string":
      return inRange(parsed(time));
    case "object":
      return inRange(timeOf(time));
    default:
      return undefined;
  }
}

/** ECMAScript, section "Time Values and Time Range". */
function inRange(milliseconds: number): number | undefined {
  return Math.abs(milliseconds) <= 8.64e15 ? Math.trunc(milliseconds) : undefined;
}

function parsed(text: string): number {
  const fields = RFC_3339.exec(text);
  if (fields === null) return Number.NaN;
  const [, date, day, time = "00:00:00", fraction = "", sign] = fields;
  const [hour = 0, minute = 0, second = 0] = time.split(":").map(Number);
  const [offsetHours = 0, offsetMinutes = 0] = fields.slice(6).map((field) => Number(field ?? 0));
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) {
    return Number.NaN;
  }
  const local = new Date(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z`);
  // If the month doesn't have the day, some engines return an invalid date and others a day of the
  // next month.
  if (local.getUTCDate() !== Number(day)) return Number.NaN;
  const offset = (offsetHours * 60 + offsetMinutes) * MINUTE;
  return local.getTime() - (sign === "-" ? -offset : offset);
}

function timeOf(date: object | null): number {
  if (Object.prototype.toString.call(date) !== "[object Date]") return Number.NaN;
  try {
    return Date.prototype.getTime.call(date);
  } catch {
    // Not a real `Date`: only its tag says so.
    return Number.NaN;
  }
}
