/**
 * Listeners on signals that outlive a call. A listener that is never removed is a leak.
 *
 * @module
 */

const watchers = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `onAbort` when the signal aborts, until the returned function is called. All calls share
 * one listener: with one listener for each concurrent call, hosts warn of a leak.
 */
export function watch(signal: AbortSignal, onAbort: () => void): () => void {
  let watching = watchers.get(signal);
  if (watching === undefined) {
    watching = new Set();
    watchers.set(signal, watching);
    signal.addEventListener("abort", notifyAll);
  }
  const added = watching.add(onAbort);
  return () => {
    added.delete(onAbort);
    if (added.size === 0) {
      watchers.delete(signal);
      signal.removeEventListener("abort", notifyAll);
    }
  };
}

function notifyAll(this: AbortSignal): void {
  for (const onAbort of [...(watchers.get(this) ?? [])]) {
    onAbort();
  }
}
