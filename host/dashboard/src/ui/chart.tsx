/** A graph over time. What draws it is loaded with the first one. */

import { useEffect, useId, useRef, useState, type RefObject } from "react";
import type uPlot from "uplot";
import { clock, clockToTheSecond } from "../format/format";
import { Button } from "./button";
import { Table } from "./table";
import { text } from "./text";

const HEIGHT_PX = 132;
/** A table of more rows would be read by nobody. */
const MOST_ROWS = 20;

export interface Series {
  label: string;
  /** One value a moment; null where there is none. */
  values: readonly (number | null)[];
  /** A colour of the theme, such as `accent`; lines after the first differ by dashes as well. */
  colour?: "accent" | "muted" | "ink";
}

interface Props {
  title: string;
  /** Milliseconds since 1970, in order. */
  moments: readonly number[];
  series: readonly Series[];
  format: (value: number) => string;
}

/** Lines over time, with the same in words and as a table for whoever does not see them. */
export function Chart({ title, moments, series, format }: Props) {
  const [isTable, setIsTable] = useState(false);
  const id = useId();
  return (
    <figure aria-labelledby={id} className="grid min-w-0 content-start gap-2">
      <figcaption className="flex flex-wrap items-center justify-between gap-x-4">
        <span className="flex flex-wrap items-baseline gap-x-3">
          <span id={id} className="text-sm font-semibold">
            {title}
          </span>
          {series.map((one, place) => (
            <Latest key={one.label} series={one} place={place} isAlone={series.length === 1} format={format} />
          ))}
        </span>
        <Button look="plain" aria-pressed={isTable} aria-label={text.asTableOf(title)} onClick={() => setIsTable(!isTable)}>
          {text.asTable}
        </Button>
      </figcaption>
      {isTable ? (
        <ValueTable title={title} moments={moments} series={series} format={format} />
      ) : (
        <Plot summary={summaryOf(series, format)} moments={moments} series={series} format={format} />
      )}
    </figure>
  );
}

interface LatestProps {
  series: Series;
  place: number;
  isAlone: boolean;
  format: (value: number) => string;
}

function Latest({ series, place, isAlone, format }: LatestProps) {
  const value = series.values.at(-1);
  return (
    <span className="inline-flex items-center gap-1.5 text-sm text-muted tabular-nums">
      {!isAlone && (
        <svg aria-hidden viewBox="0 0 18 4" className={`w-4.5 text-${series.colour ?? "accent"}`}>
          <path d="M0 2h18" stroke="currentColor" strokeWidth="2" strokeDasharray={place === 0 ? undefined : "4 3"} />
        </svg>
      )}
      {!isAlone && series.label}
      <span className="font-semibold text-ink">{value == null ? text.none : format(value)}</span>
    </span>
  );
}

/** Every line in a sentence: between what it moved, and where it is now. */
export function summaryOf(series: readonly Series[], format: (value: number) => string): string {
  return series
    .map(({ label, values }) => {
      const known = values.filter((value) => value !== null);
      const now = known.at(-1);
      if (now === undefined) return text.chartEmpty(label);
      return text.chartSummary(label, format(Math.min(...known)), format(Math.max(...known)), format(now));
    })
    .join(" ");
}

function ValueTable({ title, moments, series, format }: Props) {
  const step = Math.max(1, Math.ceil(moments.length / MOST_ROWS));
  const rows = moments
    .map((moment, place) => ({ moment, place }))
    .filter(({ place }) => (moments.length - 1 - place) % step === 0)
    .toReversed();
  return (
    <div className="max-h-80 overflow-y-auto" tabIndex={0} role="region" aria-label={title}>
      <Table
        label={title}
        rows={rows}
        keyOf={({ moment }) => String(moment)}
        columns={[
          { title: text.time, cell: ({ moment }) => clockToTheSecond(moment) },
          ...series.map(({ label, values }) => ({
            title: label,
            isNumber: true,
            cell: ({ place }: { place: number }) => {
              const value = values[place];
              return value == null ? text.none : format(value);
            },
          })),
        ]}
      />
    </div>
  );
}

interface PlotProps extends Omit<Props, "title"> {
  summary: string;
}

function Plot({ summary, moments, series, format }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = usePlot(box, series, format);
  useEffect(() => {
    const data: uPlot.AlignedData = [moments.map((moment) => moment / 1000), ...series.map(({ values }) => [...values])];
    plot?.setData(data);
  }, [plot, moments, series]);
  // Time runs from left to right in every language here.
  return <div ref={box} dir="ltr" role="img" aria-label={summary} style={{ height: HEIGHT_PX }} className="min-w-0 overflow-hidden" />;
}

/** The drawing, made anew only when the lines become other ones. */
function usePlot(box: RefObject<HTMLDivElement | null>, series: readonly Series[], format: (value: number) => string) {
  const [plot, setPlot] = useState<uPlot>();
  const latest = useRef({ series, format });
  latest.current = { series, format };
  const shape = series.map(({ label, colour }) => `${label} ${colour}`).join();
  useEffect(() => {
    let isOver = false;
    let made: uPlot | undefined;
    let stop = () => {};
    void drawer().then((Plotter) => {
      const element = box.current;
      if (isOver || element === null) return;
      made = new Plotter(options(element, latest.current.series, (value) => latest.current.format(value)), [[]], element);
      stop = follow(element, made);
      setPlot(made);
    });
    return () => {
      isOver = true;
      stop();
      made?.destroy();
      setPlot(undefined);
    };
  }, [box, shape]);
  return plot;
}

const drawer = async () => {
  const [module] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
  return module.default;
};

function options(element: HTMLElement, series: readonly Series[], format: (value: number) => string): uPlot.Options {
  const colour = (name: string) => () => colourOf(element, name);
  const { fontFamily } = getComputedStyle(element);
  const axis = { stroke: colour("muted"), font: `12px ${fontFamily}`, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.15)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 24, space: 70, values: (_, ticks) => ticks.map((tick) => clock(tick * 1000)) },
      {
        ...axis,
        grid: { stroke: colour("line"), width: 1 },
        size: 84,
        space: 24,
        values: (_, ticks) => ticks.map((tick) => (tick === 0 ? "0" : format(tick))),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour: name = "accent" }, place) => ({
        label,
        stroke: colour(name),
        width: 2,
        points: { show: false },
        ...(place > 0 && { dash: [6, 4] }),
      })),
    ],
  };
}

/** A canvas takes no variables: what a colour of the theme is here and now. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(--color-${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Follows the place's width and the theme; gives what ends it. */
function follow(element: HTMLElement, plot: uPlot): () => void {
  const sizes = new ResizeObserver(() => {
    if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height: HEIGHT_PX });
  });
  sizes.observe(element);
  const redraw = () => plot.redraw(false, true);
  const theme = new MutationObserver(redraw);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", redraw);
  return () => {
    sizes.disconnect();
    theme.disconnect();
    system.removeEventListener("change", redraw);
  };
}
