/**
 * Merges the ordered lists of several partitions, without reading more than the page needs.
 *
 * @module
 */

/**
 * Rows of one partition, in order, and the cursor to continue at. An empty cursor means that there
 * are no more.
 */
export interface Segment<Row> {
  rows: Row[];
  cursor: string;
}

/**
 * Reads up to `limit` rows after the cursor, or from the beginning. It may return fewer, or none,
 * even if there are more.
 */
export type ReadNext<Row> = (cursor: string | undefined, limit: number) => Promise<Segment<Row>>;

/** The most rows that one read asks for. */
const MOST = 500;

class Source<Row> {
  readonly #readOn: ReadNext<Row>;
  #rows: Row[] = [];
  #next = 0;
  #cursor: string | undefined;

  constructor(readOn: ReadNext<Row>) {
    this.#readOn = readOn;
  }

  /** The first row that was not taken yet; `undefined` only if there are no more. */
  get head(): Row | undefined {
    return this.#rows[this.#next];
  }

  take(): void {
    this.#next += 1;
  }

  /** Reads more rows if the buffer is empty and there are any left. */
  async fill(limit: number): Promise<void> {
    while (this.head === undefined && this.#cursor !== "") {
      const { rows, cursor } = await this.#readOn(this.#cursor, limit);
      this.#rows = rows;
      this.#next = 0;
      this.#cursor = cursor;
    }
  }
}

/**
 * The first `limit` rows of all partitions together. `compare` is negative if its first argument
 * comes first.
 */
export async function firstOf<Row>(
  partitions: readonly ReadNext<Row>[],
  limit: number,
  compare: (row: Row, other: Row) => number,
): Promise<Row[]> {
  const sources = partitions.map((readOn) => new Source(readOn));
  // Twice the average share: a second read is rarely needed, and few unneeded rows are read.
  const share = sources.length === 1 ? limit : Math.ceil((2 * limit) / sources.length) + 4;
  const page: Row[] = [];
  while (page.length < limit) {
    await Promise.all(
      sources.map((source) => source.fill(Math.min(share, limit - page.length, MOST))),
    );
    const taken = takeWhileAllHaveRows(sources, page, limit, compare);
    if (!taken) {
      break;
    }
  }
  return page;
}

/**
 * Repeatedly takes the smallest head, until a source must be filled. False if there are no more
 * rows.
 */
function takeWhileAllHaveRows<Row>(
  sources: readonly Source<Row>[],
  page: Row[],
  limit: number,
  compare: (row: Row, other: Row) => number,
): boolean {
  while (page.length < limit) {
    let first: { source: Source<Row>; row: Row } | undefined;
    for (const source of sources) {
      const row = source.head;
      if (row !== undefined && (first === undefined || compare(row, first.row) < 0)) {
        first = { source, row };
      }
    }
    if (first === undefined) {
      return false;
    }
    page.push(first.row);
    first.source.take();
    if (first.source.head === undefined) {
      return true;
    }
  }
  return true;
}
