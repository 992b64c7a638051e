import { useLayoutEffect, useRef, useState } from "react";
import { drop, swing, type Way } from "./path-layout";

const looks: Record<Way, { colour: string; dash?: string; width: number }> = {
  flowing: { colour: "text-good", dash: "12 8", width: 2.5 },
  waiting: { colour: "text-warn", dash: "2 6", width: 2.5 },
  halted: { colour: "text-bad", width: 2 },
  idle: { colour: "text-line", width: 2 },
};

/** What comes later lies on top where lines share their way. */
const order: Way[] = ["idle", "halted", "waiting", "flowing"];

interface LineProps {
  d: string;
  way: Way;
}

/** One line. Its dashes move only while bytes are acknowledged at its end. */
export function Line({ d, way }: LineProps) {
  const { colour, dash, width } = looks[way];
  return (
    <path
      d={d}
      data-way={way}
      fill="none"
      stroke="currentColor"
      strokeWidth={width}
      strokeLinecap="round"
      strokeDasharray={dash}
      className={`${colour} ${way === "flowing" ? "animate-flow" : ""}`}
    />
  );
}

/** The one line between the encoder and the host. */
export function StraightLine({ way }: { way: Way }) {
  return (
    <>
      <svg aria-hidden className="hidden h-4 w-full @3xl:block rtl:-scale-x-100" preserveAspectRatio="none" viewBox="0 0 60 16">
        <Line d="M0 8H60" way={way} />
      </svg>
      <svg aria-hidden className="h-6 w-8 @3xl:hidden" viewBox="0 0 32 24">
        <Line d="M16 0V24" way={way} />
      </svg>
    </>
  );
}

interface Box {
  width: number;
  /** Where the lines begin. */
  from: number;
  centres: number[];
  isWide: boolean;
}

/** Where the trunk runs where everything stands under each other. */
const TRUNK = 16;

/** Lines that fan out from the host to the children of the list beside them. */
export function Fan({ ways }: { ways: readonly Way[] }) {
  const svg = useRef<SVGSVGElement>(null);
  const [box, setBox] = useState<Box>();

  useLayoutEffect(() => {
    const element = svg.current;
    const rows = element?.parentElement?.nextElementSibling;
    if (element === null || !(rows instanceof HTMLElement)) return;
    const measure = () => setBox(measured(element, rows));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(rows);
    [...rows.children].forEach((row) => observer.observe(row));
    // The host moves with the picture in the encoder beside it.
    element.closest("[data-path]")?.querySelectorAll("[data-node]").forEach((node) => observer.observe(node));
    return () => observer.disconnect();
  }, [ways.length]);

  const lines = ways
    .map((way, place) => ({ way, place, to: box?.centres[place] ?? 0 }))
    .toSorted((one, other) => order.indexOf(one.way) - order.indexOf(other.way));
  return (
    <div className="relative">
      <svg ref={svg} aria-hidden className="absolute inset-0 size-full overflow-visible rtl:-scale-x-100">
        {box !== undefined &&
          lines.map(({ way, place, to }) => (
            <Line
              key={place}
              way={way}
              d={box.isWide ? swing(box.width, box.from, to) : drop(box.width, TRUNK, to)}
            />
          ))}
      </svg>
    </div>
  );
}

/** The first line of a row, where its name stands, is what a line leads to. */
const ROW_MIDDLE = 26;

function measured(element: SVGSVGElement, rows: HTMLElement): Box {
  const { width, top } = element.getBoundingClientRect();
  const origin = element.closest("[data-path]")?.querySelector("[data-node=host]")?.getBoundingClientRect();
  const from = origin === undefined ? 0 : origin.top + origin.height / 2 - top;
  const centres = [...rows.children].map((row) => row.getBoundingClientRect().top - top + ROW_MIDDLE);
  return { width, from, centres, isWide: width > 40 };
}
