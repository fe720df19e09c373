/**
 * The sign-in of the demo for `stepUp`: an address of this page that brings the user back at once.
 *
 * @module
 */

/** The parameter with the return path, which is also the storage key of the sign-in time. */
const RETURN = "signed-in";
const KEY = "rollcall-demo-sign-in";

/** The maximum age of a sign-in for purges, and the age of the first sign-in, in seconds. */
export const MAX_AGE = 300;
const FIRST_AGE = 3_600;

/** The address of the sign-in, with `{return}` for the return address. */
export function signInTemplate(): string {
  const query = new URLSearchParams(location.search);
  query.delete(RETURN);
  return `${location.pathname}?${query}&${RETURN}={return}`;
}

/** Signs in and leaves the page, if its address is the one of the sign-in. */
export async function signInIfAsked(query: URLSearchParams): Promise<void> {
  const target = query.get(RETURN);
  if (target === null) return;
  sessionStorage.setItem(KEY, String(Date.now()));
  const { origin, pathname, search, hash } = new URL(target, location.href);
  // Never leads to another site.
  if (origin === location.origin) location.replace(`${pathname}${search}${hash}`);
  await new Promise<never>(() => undefined);
}

/** When the administrator signed in. */
export function signInTime(): Date {
  const kept = Number(sessionStorage.getItem(KEY) ?? Number.NaN);
  return new Date(Number.isFinite(kept) ? kept : Date.now() - FIRST_AGE * 1_000);
}
