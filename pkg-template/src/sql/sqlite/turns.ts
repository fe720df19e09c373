/**
 * Lets those that share a thing use it one after the other.
 *
 * @module
 */

/** Ends a turn. */
export type Release = () => void;

// When the last one in each queue will be done.
const lastTurns = new WeakMap<object, Promise<void>>();

/** Waits until everybody who asked before is done. Whoever gets a turn must end it. */
export async function takeTurn(shared: object): Promise<Release> {
  const before = lastTurns.get(shared) ?? Promise.resolve();
  let release: Release = () => {};
  const turn = new Promise<void>((resolve) => {
    release = resolve;
  });
  lastTurns.set(
    shared,
    before.then(() => turn),
  );
  await before;
  return release;
}
