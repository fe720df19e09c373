/**
 * Focus that follows what is shown.
 *
 * @module
 */

/** Moves the focus to a heading as it appears, so that it isn't lost with the part before. */
export function focused(heading: HTMLElement): void {
  heading.focus({ preventScroll: false });
}
