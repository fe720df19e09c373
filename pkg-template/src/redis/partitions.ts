/**
 * The placement of keys in one or several partitions. Each partition is one slot of a cluster.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import type { RedisSend } from "./client.js";
import { BASE } from "./lua.js";
import { Script } from "./script.js";

/** The version of the key layout. Versions can't read each other's keys. */
const SCHEMA = 1;

const CLAIM_LAYOUT = new Script(
  BASE,
  `
local key = root .. "layout"
call("SET", key, take(), "NX")
return { call("GET", key) }
`,
);

/** All partitions of one prefix. */
export class Partitions {
  readonly count: number;
  readonly #send: RedisSend;
  readonly #prefix: string;
  // A flag, not a promise: some hosts end a request that awaits a promise of another request.
  #isChecked = false;

  constructor(send: RedisSend, prefix: string, count: number) {
    this.#send = send;
    this.#prefix = prefix;
    this.count = count;
  }

  /** Their numbers. */
  get all(): number[] {
    return Array.from({ length: this.count }, (_, partition) => partition);
  }

  /**
   * The partition for this name: a hash (FNV-1a, 32 bits, over UTF-16 code units) modulo their
   * number.
   */
  of(name: string): number {
    let hash = 0x811c9dc5;
    for (let index = 0; index < name.length; index += 1) {
      hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
    }
    return (hash >>> 0) % this.count;
  }

  /** Groups items by their partition. */
  grouped<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<number, Item[]> {
    const groups = new Map<number, Item[]>();
    for (const item of items) {
      const partition = this.of(nameOf(item));
      const group = groups.get(partition);
      if (group === undefined) {
        groups.set(partition, [item]);
      } else {
        group.push(item);
      }
    }
    return groups;
  }

  /**
   * @throws {RollcallError} `invalid_argument` if the keys were laid out with another number of
   * partitions.
   */
  async run(partition: number, script: Script, args: readonly string[]): Promise<string[]> {
    if (!this.#isChecked) {
      await this.#checkLayout();
      this.#isChecked = true;
    }
    return await script.run(this.#send, this.#root(partition), args);
  }

  /** Otherwise sessions would be looked up in the wrong partition. */
  async #checkLayout(): Promise<void> {
    const layout = `schema ${SCHEMA}, partitions ${this.count}`;
    const [found] = await CLAIM_LAYOUT.run(this.#send, this.#root(0), [layout]);
    if (found !== layout) {
      throw invalidArgument(`the keys of the prefix \`${this.#prefix}\` are laid out as \`${found}\` and not as \`${layout}\`: use the \`partitions\` that \
they began with, or another prefix`);
    }
  }

  /** The prefix of a partition's key names. A cluster hashes the part in braces. */
  #root(partition: number): string {
    return `{${this.#prefix}.${partition}}:`;
  }
}
