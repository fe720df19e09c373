/**
 * Where keys are: in one or several partitions, of which each is one slot of a cluster.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import type { RedisSend } from "./client.js";
import { BASE } from "./lua.js";
import { Script } from "./script.js";

/** The version of the key schema. Another one can neither read nor write what this one wrote. */
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
  // Only what is known, never the promise of it: where hosts end what waits on another request's
  // promise, nobody may share one.
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
   * The partition that has what goes by this name: a hash (FNV-1a, 32 bits, over UTF-16 code units)
   * modulo their number.
   */
  of(name: string): number {
    let hash = 0x811c9dc5;
    for (let index = 0; index < name.length; index += 1) {
      hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
    }
    return (hash >>> 0) % this.count;
  }

  /** Items by the partition that has them. */
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

  /** Sessions would be looked for where they are not. */
  async #checkLayout(): Promise<void> {
    const layout = `schema ${SCHEMA}, partitions ${this.count}`;
    const [found] = await CLAIM_LAYOUT.run(this.#send, this.#root(0), [layout]);
    if (found !== layout) {
      throw invalidArgument(`the keys of the prefix \`${this.#prefix}\` are laid out as \`${found}\` and not as \`${layout}\`: use the \`partitions\` that \
they began with, or another prefix`);
    }
  }

  /** What the names of a partition's keys begin with. The braces are what a cluster hashes. */
  #root(partition: number): string {
    return `{${this.#prefix}.${partition}}:`;
  }
}
