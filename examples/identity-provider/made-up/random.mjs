// @ts-check
/**
 * A pseudorandom number generator: the same seed gives the same numbers.
 *
 * @module
 */

/** Don't use it for secrets. */
export class SeededRandom {
  #state;

  /** @param {number} seed a whole number */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** @returns {number} 32 bits: a Weyl sequence, mixed by the finalizer of MurmurHash3 */
  bits() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  /** @returns {number} from 0, below 1 */
  fraction() {
    return this.bits() / 2 ** 32;
  }

  /**
   * @param {number} least
   * @param {number} most
   * @returns {number} a whole number between the two, both included
   */
  between(least, most) {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /**
   * @template T
   * @param {readonly [T, ...T[]] | readonly T[]} values one or more
   * @returns {T}
   */
  oneOf(values) {
    const value = values[this.between(0, values.length - 1)];
    if (value === undefined) throw new RangeError("there are no values to choose from");
    return value;
  }

  /**
   * @param {number} words
   * @returns {string} 8 hexadecimal digits for each word
   */
  hex(words) {
    return Array.from({ length: words }, () => this.bits().toString(16).padStart(8, "0")).join("");
  }
}
