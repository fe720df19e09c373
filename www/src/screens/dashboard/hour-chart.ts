/**
 * The chart of sessions by hour: uPlot on a canvas, in the colours of the theme.
 *
 * @module
 */

import uPlot from "uplot";
import { wholeNumber } from "../../format";
import { type Hour, timePart } from "./hours";

/** The colours of the theme, in the form that the canvas needs. */
export interface ChartColours {
  bar: string;
  text: string;
  line: string;
}

interface ChartOptions {
  colours: ChartColours;
  isUtc: boolean;
  /** The hour under the pointer; `undefined` if there is none. */
  onHover(hour: Hour | undefined): void;
  onSelect(hour: Hour): void;
}

const HEIGHT = 220;
const DAY = 86_400;
/** Steps of the axis: whole numbers only. */
const STEPS = [1, 2, 5]
  .flatMap((step) => [1, 10, 100, 1_000].map((ten) => step * ten))
  .sort((a, b) => a - b);
const FONT = "12px system-ui, sans-serif";

export class HourChart {
  readonly #plot: uPlot;
  readonly #band = document.createElement("div");
  readonly #options: ChartOptions;
  readonly #resized: ResizeObserver;
  #colours: ChartColours;
  #hours: readonly Hour[] = [];
  #hovered: Hour | undefined;

  constructor(parent: HTMLElement, options: ChartOptions) {
    this.#options = options;
    this.#colours = options.colours;
    this.#plot = new uPlot(this.#settings(parent.clientWidth), [[], []], parent);
    this.#band.className = "hour-band";
    this.#band.hidden = true;
    this.#plot.over.append(this.#band);
    this.#plot.over.addEventListener("click", () => {
      if (this.#hovered !== undefined) options.onSelect(this.#hovered);
    });
    this.#resized = new ResizeObserver(() => this.#fit(parent.clientWidth));
    this.#resized.observe(parent);
  }

  show(hours: readonly Hour[]): void {
    this.#hours = hours;
    this.#plot.setData([
      hours.map(({ from }) => Date.parse(from) / 1_000),
      hours.map(({ count }) => count),
    ]);
    this.#hover();
  }

  recolour(colours: ChartColours): void {
    this.#colours = colours;
    this.#plot.redraw();
  }

  destroy(): void {
    this.#resized.disconnect();
    this.#plot.destroy();
  }

  #fit(width: number): void {
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT });
  }

  #settings(width: number): uPlot.Options {
    const { isUtc } = this.#options;
    const axis = {
      font: FONT,
      stroke: () => this.#colours.text,
      ticks: { show: false },
    };
    return {
      width: Math.max(width, 1),
      height: HEIGHT,
      legend: { show: false },
      padding: [8, 24, 0, 0],
      tzDate: (seconds) => {
        const date = new Date(seconds * 1_000);
        return isUtc ? uPlot.tzDate(date, "Etc/UTC") : date;
      },
      scales: {
        x: { range: () => this.#range() },
        y: { range: (_plot, _min, max) => [0, Math.max(max, 4) * 1.05] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          grid: { show: false },
          space: 56,
          values: (_plot, splits, _axis, _space, step) =>
            splits.map((seconds) => labelOf(seconds, step, isUtc)),
        },
        {
          ...axis,
          incrs: STEPS,
          size: 44,
          grid: { stroke: () => this.#colours.line, width: 1 },
          values: (_plot, splits) => splits.map(wholeNumber),
        },
      ],
      series: [
        {},
        {
          fill: () => this.#colours.bar,
          width: 0,
          points: { show: false },
          // A bar starts at its hour.
          ...barsFromTheirStart(),
        },
      ],
      cursor: {
        x: false,
        y: false,
        points: { show: false },
        drag: { x: false, y: false, setScale: false },
      },
      hooks: { setCursor: [() => this.#hover()] },
    };
  }

  /** From the start of the first hour to the end of the last one. */
  #range(): [number, number] {
    const [first, last] = [this.#hours[0], this.#hours.at(-1)];
    if (first === undefined || last === undefined) return [0, 1];
    return [Date.parse(first.from) / 1_000, Date.parse(last.to) / 1_000];
  }

  #hover(): void {
    const { left = -1 } = this.#plot.cursor;
    const at = left < 0 ? Number.NaN : this.#plot.posToVal(left, "x") * 1_000;
    const hour = this.#hours.find(({ from, to }) => at >= Date.parse(from) && at < Date.parse(to));
    this.#band.hidden = hour === undefined;
    if (hour !== undefined) {
      const x = (time: string) => this.#plot.valToPos(Date.parse(time) / 1_000, "x");
      this.#band.style.left = `${x(hour.from)}px`;
      this.#band.style.width = `${x(hour.to) - x(hour.from)}px`;
    }
    if (hour === this.#hovered) return;
    this.#hovered = hour;
    this.#options.onHover(hour);
  }
}

function barsFromTheirStart(): Pick<uPlot.Series, "paths"> {
  const paths = uPlot.paths.bars?.({ align: 1, size: [0.85, Number.POSITIVE_INFINITY], radius: 0 });
  return paths === undefined ? {} : { paths };
}

/** The day if a day starts there, and otherwise the clock time. */
function labelOf(seconds: number, step: number, isUtc: boolean): string {
  const clock = timePart(seconds * 1_000, "clock", isUtc);
  const isDay = step >= DAY || clock === "00:00";
  return isDay ? timePart(seconds * 1_000, "day", isUtc) : clock;
}
