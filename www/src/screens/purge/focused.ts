/**
 * Focus that follows the current step.
 *
 * @module
 */

/** Focuses a heading when it appears, so that the focus isn't lost with the previous step. */
export function focused(heading: HTMLElement): void {
  heading.focus({ preventScroll: false });
}
