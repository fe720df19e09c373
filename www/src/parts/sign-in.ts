/**
 * Where to sign in.
 *
 * @module
 */

/**
 * The address of the sign-in page. `{return}` in it becomes the address of this page, with its
 * hash, so that the user comes back to the same place.
 */
export function signInAddress(template: string): string {
  const { pathname, search, hash } = location;
  return template.replaceAll("{return}", encodeURIComponent(`${pathname}${search}${hash}`));
}
