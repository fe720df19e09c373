/**
 * The one definition of an instant, for every argument.
 *
 * @module
 */

/**
 * RFC 3339, section 5.6: a date, or a date and a time with its offset. Without the offset the
 * instant would depend on the zone of the process.
 */
const RFC_3339 =
  /^(\d{4}-\d{2}-(\d{2}))(?:T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2})))?$/i;

const MINUTE = 60_000;

/**
 * Epoch milliseconds of a `Date` of any realm, of an RFC 3339 string (a date alone means midnight
 * UTC) or of a number of epoch milliseconds, which is truncated. `undefined` for anything else, a
 * day that doesn't exist, and what a `Date` can't hold.
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
  // Engines differ: a day that the month doesn't have is either invalid or one of the next month.
  if (local.getUTCDate() !== Number(day)) return Number.NaN;
  const offset = (offsetHours * 60 + offsetMinutes) * MINUTE;
  return local.getTime() - (sign === "-" ? -offset : offset);
}

function timeOf(date: object | null): number {
  if (Object.prototype.toString.call(date) !== "[object Date]") return Number.NaN;
  try {
    return Date.prototype.getTime.call(date);
  } catch {
    // It only calls itself a date.
    return Number.NaN;
  }
}
