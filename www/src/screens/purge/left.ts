/**
 * The notice on other screens about a purge whose screen was left while it ran.
 *
 * @module
 */

import { mount, unmount } from "svelte";
import LeftNotice from "./LeftNotice.svelte";
import { purges } from "./purges.svelte";

let shown: Record<string, unknown> | undefined;

/** Shows the notice until the user closes it or returns. */
export function showLeft(): void {
  const target = document.querySelector("#content");
  if (target === null || shown !== undefined || purges.left === undefined) return;
  shown = mount(LeftNotice, { target, props: { onclose: hideLeft } });
}

function hideLeft(): void {
  purges.dismiss();
  if (shown !== undefined) unmount(shown);
  shown = undefined;
}
