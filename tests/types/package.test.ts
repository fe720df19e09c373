// Code that TypeScript must accept or refuse. Only compiled, never run.

import { RollcallError, type RollcallErrorCode, type SessionStore } from "rollcall";
import type { memoryStores as inlineMemoryStores } from "rollcall/memory/inline";
import {
  initialize as initializeMemory,
  type CoreSource as MemorySource,
  memoryStores,
} from "rollcall/memory/slim";
import { type CoreSource, initialize } from "rollcall/slim";

/** A store can return a plain value or a promise. */
export const store: Pick<SessionStore, "remove" | "get"> = {
  remove: (keys) => keys.map((key) => ({ key, subjectId: "alice", sessionId: key, clients: [] })),
  get: async () => undefined,
};

export function code(error: unknown): RollcallErrorCode | undefined {
  return error instanceof RollcallError ? error.code : undefined;
}

// @ts-expect-error: an unknown code
export const unknownCode: RollcallErrorCode = "something_else";

export async function load(
  module: WebAssembly.Module,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const sources: CoreSource[] = [
    module,
    bytes,
    new Response(bytes),
    new URL("https://example.com/core.wasm"),
    "/core.wasm",
  ];
  for (const source of sources) await initialize(source);
  await initialize(fetch("/core.wasm"));
  // @ts-expect-error: a source is needed
  await initialize();

  const memorySource: MemorySource = module;
  await initializeMemory(memorySource);
  await initializeMemory(fetch("/memory.wasm"));
  // @ts-expect-error: a source is needed
  await initializeMemory();
}

/** Both forms return the same type. */
export const stores: ReturnType<typeof inlineMemoryStores>[] = [memoryStores()];
