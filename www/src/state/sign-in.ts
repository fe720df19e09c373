/**
 * The address of the sign-in page.
 *
 * @module
 */

import type { Failure } from "../api/failure";

const STORAGE_KEY = "rollcall-console-sign-in";

/**
 * The address of the sign-in page. `{return}` in it becomes the address of this page, with its
 * hash, so that the user comes back to the same place.
 */
export function signInAddress(template: string): string {
  const { pathname, search, hash } = location;
  return template.replaceAll("{return}", encodeURIComponent(`${pathname}${search}${hash}`));
}

/** Remembers the address of the sign-in page, which only some refusals contain. */
export function rememberSignIn({ signIn }: Failure): void {
  if (signIn === undefined) return;
  try {
    sessionStorage.setItem(STORAGE_KEY, signIn);
  } catch {
    // Storage is forbidden, so refusals without the address offer no sign-in page.
  }
}

/** The address of the sign-in page, from a refusal or from an earlier one. */
export function knownSignIn({ signIn }: Failure): string | undefined {
  if (signIn !== undefined) return signIn;
  try {
    return sessionStorage.getItem(STORAGE_KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
