/**
 * One ordered list from several partitions, read no further than the page needs.
 *
 * @module
 */

/**
 * What was read of one partition: rows in order, and from where to read on. An empty cursor: there
 * are no more.
 */
export interface Stretch<Row> {
  rows: Row[];
  cursor: string;
}

/**
 * Reads up to `limit` rows behind the cursor, or from the beginning. It may give fewer, or none,
 * and still have more.
 */
export type ReadOn<Row> = (cursor: string | undefined, limit: number) => Promise<Stretch<Row>>;

/** The most rows that are asked for at once. */
const MOST = 500;

class Source<Row> {
  readonly #readOn: ReadOn<Row>;
  #rows: Row[] = [];
  #next = 0;
  #cursor: string | undefined;

  constructor(readOn: ReadOn<Row>) {
    this.#readOn = readOn;
  }

  /** The first row that was not taken yet; `undefined` only when there are no more. */
  get head(): Row | undefined {
    return this.#rows[this.#next];
  }

  take(): void {
    this.#next += 1;
  }

  /** Sees to it that there is a head, if there are rows left. */
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
 * The first `limit` rows of all partitions together. `compare` is below 0 where the first row comes
 * first.
 */
export async function firstOf<Row>(
  partitions: readonly ReadOn<Row>[],
  limit: number,
  compare: (row: Row, other: Row) => number,
): Promise<Row[]> {
  const sources = partitions.map((readOn) => new Source(readOn));
  // Somewhat more than each one's share: rarely must one be asked twice, and little is read in
  // vain.
  const share = sources.length === 1 ? limit : Math.ceil((2 * limit) / sources.length) + 4;
  const page: Row[] = [];
  while (page.length < limit) {
    await Promise.all(
      sources.map((source) => source.fill(Math.min(share, limit - page.length, MOST))),
    );
    const taken = takeWhileAllHaveMore(sources, page, limit, compare);
    if (!taken) {
      break;
    }
  }
  return page;
}

/**
 * Takes the least of all heads again and again, until a source must be filled. False when nothing
 * is left.
 */
function takeWhileAllHaveMore<Row>(
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
