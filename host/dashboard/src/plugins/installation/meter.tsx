/** What a plugin uses, live. */

import type { ActivityFiguresBody, BreakerBody, FaultBody, LimitWarningBody } from "../../../generated/schema";
import { bytes, clock, count, micros, sentence } from "../../format/format";
import { isolated } from "../../text/isolate";
import { Figure, Figures, Meter } from "../../ui/figure";
import { Moment } from "../../ui/moment";
import { Tally } from "../../ui/tally";
import { text as common } from "../../ui/text";
import { text } from "./text";

export function LiveMeter({ figures }: { figures: ActivityFiguresBody }) {
  return (
    <>
      <Figures>
        <Figure label={text.meter.calls} value={count(figures.calls)} isLarge />
        <Figure label={text.meter.errors} value={count(figures.errors)} isLarge />
        <Figure label={text.meter.faults} value={count(figures.faults)} isLarge />
        <Figure label={text.meter.median} value={timeOf(figures, figures.p50_us)} isLarge />
        <Figure label={text.meter.p95} value={timeOf(figures, figures.p95_us)} isLarge />
        <Figure label={text.meter.p99} value={timeOf(figures, figures.p99_us)} isLarge />
        <Figure label={text.meter.cpu} value={micros(figures.cpu_us)} isLarge />
        <Figure label={text.meter.memory} value={bytes(figures.memory_peak_bytes)} isLarge />
      </Figures>
      <Warnings warnings={figures.warnings} />
    </>
  );
}

const timeOf = ({ calls }: ActivityFiguresBody, us: number) => (calls === 0 ? common.none : micros(us));

/** Limits of which four fifths or more were used. */
function Warnings({ warnings }: { warnings: readonly LimitWarningBody[] }) {
  if (warnings.length === 0) return <p className="text-sm text-muted">{text.meter.roomy}</p>;
  return (
    <div className="grid gap-4">
      <p className="text-sm font-semibold">{text.meter.tight}</p>
      {warnings.map(({ limit, used, max, at }) => (
        <Meter
          key={limit}
          label={text.limits[limit] ?? limit}
          used={used}
          max={max}
          value={common.of(inUnit(limit, used), inUnit(limit, max))}
          note={<Moment at={at} />}
        />
      ))}
    </div>
  );
}

/** The end of a limit's name says its unit. */
function inUnit(limit: string, amount: number): string {
  if (limit.endsWith("-bytes")) return bytes(amount);
  return limit.endsWith("-us") ? micros(amount) : count(amount);
}

/** Whether calls are let through. */
export function Breaker({ breaker: { state, until } }: { breaker: BreakerBody }) {
  if (state === "closed") {
    return (
      <Tally state="closed" tone="good">
        {text.breaker.closed}
      </Tally>
    );
  }
  return (
    <div className="grid gap-1">
      <Tally state="open" tone="bad">
        {text.breaker.open}
      </Tally>
      <p className="text-sm">{until == null ? text.breaker.why : text.breaker.until(clock(until))}</p>
    </div>
  );
}

export function LastFault({ fault }: { fault: FaultBody | null | undefined }) {
  if (fault == null) return null;
  return (
    <div className="grid gap-1 border-s-4 border-s-bad ps-4 text-sm">
      <p className="font-semibold">
        {text.meter.lastFault} <Moment at={fault.at} />
      </p>
      <p className="wrap-anywhere">{isolated(sentence(fault.message))}</p>
      <p className="text-muted">
        <code dir="ltr">
          {fault.function} · {fault.code}
        </code>
      </p>
      <p>{text.faults[fault.code] ?? text.faultsOther}</p>
    </div>
  );
}
