/**
 * A queue for an object that only one caller may use at a time.
 *
 * @module
 */

/** Ends a turn. */
export type Release = () => void;

// The promise of the last turn in each queue.
const lastTurns = new WeakMap<object, Promise<void>>();

/** Waits until all earlier callers have ended their turns. The caller must end its own turn. */
export async function waitForTurn(shared: object): Promise<Release> {
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
