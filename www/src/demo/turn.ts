/**
 * Work in slices, so that the page stays responsive.
 *
 * @module
 */

/** The longest slice, in milliseconds: less than a frame. */
const SLICE = 12;

/** Lets other tasks run. A message is faster than a timer, which waits for 4 ms. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Calls `take` with each item, and lets other tasks run between slices. */
export async function inSlices<Item>(
  items: Iterable<Item>,
  take: (item: Item) => unknown,
): Promise<void> {
  let end = performance.now() + SLICE;
  for (const item of items) {
    await take(item);
    if (performance.now() < end) continue;
    await nextTurn();
    end = performance.now() + SLICE;
  }
}
