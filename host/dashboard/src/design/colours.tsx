import { useLayoutEffect, useRef, useState } from "react";
import { decimal } from "../format/format";
import { useTheme } from "../shell/theme";
import { Section } from "../ui/page";
import { Table } from "../ui/table";
import { contrast, parsedRgb, type Rgb } from "./contrast";
import { text } from "./text";

const grounds = ["canvas", "surface", "sunken"] as const;

/** What each is for, and the least contrast that it needs: text 4.5 (WCAG 1.4.3), edges and signs 3 (1.4.11). */
const colours = [
  { name: "ink", swatch: "bg-ink", least: 4.5 },
  { name: "muted", swatch: "bg-muted", least: 4.5 },
  { name: "accent", swatch: "bg-accent", least: 4.5 },
  { name: "good", swatch: "bg-good", least: 4.5 },
  { name: "warn", swatch: "bg-warn", least: 4.5 },
  { name: "bad", swatch: "bg-bad", least: 4.5 },
  { name: "air", swatch: "bg-air", least: 3 },
  { name: "edge", swatch: "bg-edge", least: 3 },
] as const;

type Colour = (typeof colours)[number];
type Measured = Record<string, Rgb | undefined>;

/** The palette with its contrast, measured in the browser in the theme that is shown. */
export function Colours() {
  const probe = useRef<HTMLSpanElement>(null);
  const measured = useMeasured(probe);
  return (
    <Section title={text.colour} intro={text.colourIntro}>
      <span ref={probe} hidden />
      <Table
        label={text.colour}
        rows={colours}
        keyOf={({ name }) => name}
        columns={[
          { title: text.name, cell: (colour) => <Swatch colour={colour} /> },
          { title: text.use, cell: ({ name }) => text.colourUses[name] },
          ...grounds.map((ground) => ({
            title: text.on(ground),
            isNumber: true,
            cell: (colour: Colour) => <Ratio colour={colour} of={measured[colour.name]} on={measured[ground]} />,
          })),
        ]}
      />
    </Section>
  );
}

function Swatch({ colour: { name, swatch } }: { colour: Colour }) {
  return (
    <span className="inline-flex items-center gap-2.5 font-semibold">
      <span aria-hidden className={`size-5 rounded-sm border border-line ${swatch}`} />
      {name}
    </span>
  );
}

function Ratio({ colour, of, on }: { colour: Colour; of: Rgb | undefined; on: Rgb | undefined }) {
  if (of === undefined || on === undefined) return null;
  const ratio = contrast(of, on);
  const isEnough = ratio >= colour.least;
  return (
    <span dir="ltr" className={isEnough ? "" : "font-bold text-bad"}>
      {decimal(ratio)} : 1{!isEnough && ` ${text.tooLow}`}
    </span>
  );
}

/** The colours as the browser computes them, again after every change of theme. */
function useMeasured(probe: { readonly current: HTMLElement | null }): Measured {
  const theme = useTheme();
  const [measured, setMeasured] = useState<Measured>({});
  useLayoutEffect(() => {
    const measure = () => setMeasured(Object.fromEntries(allNames.map((name) => [name, computed(probe.current, name)])));
    measure();
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", measure);
    return () => system.removeEventListener("change", measure);
  }, [probe, theme]);
  return measured;
}

const allNames = [...grounds, ...colours.map(({ name }) => name)];

function computed(element: HTMLElement | null, name: string): Rgb | undefined {
  if (element === null) return undefined;
  element.style.color = `var(--color-${name})`;
  return parsedRgb(getComputedStyle(element).color);
}
