/** Type, space and motion. */

import { Line } from "../overview/lines";
import { count } from "../format/format";
import { Section } from "../ui/page";
import { Tally } from "../ui/tally";
import { address, Specimen } from "./specimen";
import { text } from "./text";

const sizes = [
  ["2xl", "text-2xl font-bold"],
  ["xl", "text-xl font-bold"],
  ["lg", "text-lg font-semibold"],
  ["base", "text-base"],
  ["sm", "text-sm"],
  ["xs", "text-xs"],
] as const;

/** The same in every script that the pages are written in. */
const scripts = [
  ["en", "The picture is on the air"],
  ["es", "La imagen está en antena"],
  ["hi", "तस्वीर ऑन एयर है"],
  ["ar", "الصورة على الهواء"],
] as const;

export function Type() {
  return (
    <Section title={text.type} intro={text.typeIntro}>
      {sizes.map(([name, look]) => (
        <Specimen key={name} name={name}>
          <p className={`${look} wrap-anywhere`}>{text.typeUses[name]}</p>
        </Specimen>
      ))}
      <Specimen name={text.scripts}>
        {scripts.map(([lang, sentence]) => (
          <p key={lang} lang={lang} dir={lang === "ar" ? "rtl" : "ltr"} className="text-lg font-semibold">
            {sentence}
          </p>
        ))}
      </Specimen>
      <Specimen name={text.figures}>
        <p className="text-xl font-semibold tabular-nums" dir="ltr">
          1,111.1 · 8,808.8
        </p>
        <code className="font-mono text-sm break-all" dir="ltr">
          {address}
        </code>
      </Specimen>
    </Section>
  );
}

const steps = [1, 1.5, 2, 3, 4, 5, 8, 12];
const PX_A_STEP = 4;

export function Space() {
  return (
    <Section title={text.space} intro={text.spaceIntro}>
      <ul className="grid gap-2">
        {steps.map((step) => (
          <li key={step} className="flex items-center gap-4 text-sm tabular-nums">
            <span className="w-14 text-muted" dir="ltr">
              {count(step * PX_A_STEP)}
            </span>
            <span aria-hidden className="h-4 bg-accent" style={{ width: step * PX_A_STEP }} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

const ways = ["flowing", "waiting", "halted", "idle"] as const;
const states = { flowing: "live", waiting: "retrying", halted: "failed", idle: "idle" };

export function Motion() {
  return (
    <Section title={text.motion} intro={text.motionIntro}>
      {ways.map((way) => (
        <Specimen key={way} name={text.ways[way]}>
          <div className="flex w-full flex-wrap items-center gap-4">
            <svg aria-hidden viewBox="0 0 200 12" className="h-3 w-50 rtl:-scale-x-100">
              <Line d="M2 6H198" way={way} />
            </svg>
            <Tally state={states[way]} isStill />
          </div>
        </Specimen>
      ))}
    </Section>
  );
}
