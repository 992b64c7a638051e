/** What a pre-flight found, as words and figures; no markup. */

import { bitrate, count, decimal } from "../format/format";
import { text } from "./text";

export type CheckStatus = "ok" | "warning" | "problem" | "unknown";

/** One check, of the source, or of the destination that it names. */
export interface Check {
  code: string;
  status: CheckStatus;
  destination_id: string | null;
  message: string;
  actual: number | string | null;
  limit: number | string | null;
  unit: "bps" | "ms" | "px" | "hours" | null;
}

/** The answer of `POST /api/sources/{id}/pre-flight`. */
export interface PreFlightReport {
  checked_at: string;
  is_ready: boolean;
  checks: Check[];
}

/** A check as people are told it. */
export interface ToldCheck {
  code: string;
  status: CheckStatus;
  name: string;
  found: string;
  /** What to do; undefined where nothing is to be done. */
  fix: string | undefined;
  /** Where that is set in OBS; undefined where it is not. */
  obs: string | undefined;
}

/** A figure with its unit: `6.0 Mbit/s`, `2.0 s`, `1920×1080`. */
export function figure(value: number | string | null, unit: Check["unit"]): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  switch (unit) {
    case "bps":
      return bitrate(value);
    case "ms":
      return text.preFlight.seconds(decimal(value / 1000));
    case "px":
      return text.preFlight.pixels(count(value));
    case "hours":
      return text.preFlight.hours(decimal(value));
    case null:
      return Number.isInteger(value) ? count(value) : decimal(value);
  }
}

/** A check in the reader's language; the server's own sentence for a code that is not known here. */
export function told(check: Check): ToldCheck {
  const { code, status, message, unit } = check;
  const words = Object.hasOwn(text.checks, code) ? text.checks[code] : undefined;
  if (words === undefined) return { code, status, name: code, found: message, fix: undefined, obs: undefined };
  const [has, limit] = [figure(check.actual, unit), figure(check.limit, unit)];
  const isWrong = status === "problem" || status === "warning";
  return {
    code,
    status,
    name: words.name,
    found: status === "unknown" ? text.preFlight.needsEncoder : (isWrong ? words.problem : words.ok)(has, limit),
    fix: isWrong ? words.fix : undefined,
    obs: isWrong && words.obs !== "" ? words.obs : undefined,
  };
}

/** What comes of all checks. */
export type Verdict = "ready" | "readyWithWarnings" | "notReady" | "waiting";

/** Not ready only for want of an encoder is no fault. */
export function verdictOf({ is_ready, checks }: PreFlightReport): Verdict {
  const problems = checks.filter(({ status }) => status === "problem");
  const hasEncoder = checks.some(({ code, status }) => code === "encoder-connected" && status === "ok");
  if (problems.some(({ code }) => code !== "encoder-connected")) return "notReady";
  if (!hasEncoder) return "waiting";
  if (!is_ready) return "notReady";
  return checks.some(({ status }) => status === "warning") ? "readyWithWarnings" : "ready";
}

/** Checks by what they are about: the source first (null), then its destinations, in the order of the report. */
export function grouped(checks: readonly Check[]): Map<string | null, Check[]> {
  const groups = new Map<string | null, Check[]>([[null, []]]);
  for (const check of checks) {
    const group = groups.get(check.destination_id) ?? [];
    group.push(check);
    groups.set(check.destination_id, group);
  }
  return groups;
}
