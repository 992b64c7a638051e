/** What a pre-flight found, as words and figures; no markup. */

import { bitrate, count, decimal, sentence } from "../format/format";
import type { CheckResult, PreFlightBody, PreFlightCheckBody } from "../../generated/schema";
import { text } from "./checks/text";

export type CheckStatus = CheckResult;

/** What was measured, or its limit; the document leaves it open. */
type Measure = number | string | null;

/** One check, of the source, or of the destination that it names. */
export type Check = Omit<PreFlightCheckBody, "actual" | "limit"> & { actual?: Measure; limit?: Measure };

export type PreFlightReport = Omit<PreFlightBody, "checks"> & { checks: Check[] };

/** A check as people are told it. */
export interface ToldCheck {
  code: string;
  status: CheckStatus;
  name: string;
  found: string;
  /** What a platform or a plugin says itself, in English. */
  said: string | undefined;
  /** What to do; undefined where nothing is to be done. */
  fix: string | undefined;
  /** Where that is set in OBS; undefined where it is not. */
  obs: string | undefined;
}

/** A figure with its unit: `6.0 Mbit/s`, `2.0 s`, `1920×1080`. */
function figure(value: Measure | undefined, unit: Check["unit"]): string {
  if (value == null) return "";
  if (typeof value === "string") return codecName(value) ?? value.replace(/^(\d+)x(\d+)$/, "$1×$2");
  switch (unit) {
    case "bps":
      return bitrate(value);
    case "ms":
      return text.preFlight.seconds(decimal(value / 1000));
    case "px":
      return text.preFlight.pixels(count(value));
    case "hours":
      return text.preFlight.hours(decimal(value));
    default:
      return Number.isInteger(value) ? count(value) : decimal(value);
  }
}

/** What people call the codecs of RFC 6381. */
function codecName(codec: string): string | undefined {
  const names = { avc: "H.264", hvc: "H.265", hev: "H.265", av01: "AV1", vp09: "VP9", "mp4a.40": "AAC", opus: "Opus" };
  return Object.entries(names).find(([start]) => codec.toLowerCase().startsWith(start))?.[1];
}

/** Below this a frame rate is too low rather than too high. */
const LOW_FRAME_RATE = 30;

/** Codes where a platform or a plugin answers in words of its own. */
const ANSWERED = ["plugin-ready", "account-connected", "key-accepted"];

const ABOUT_PICTURES = ["resolution", "video-bitrate", "keyframe-interval", "frame-rate"];

const isWrong = ({ status }: Check) => status === "problem" || status === "warning";

/** What the words are about: mostly the code itself. */
function topicOf(check: Check): string {
  const { code, destination_id, actual, limit } = check;
  if (!isWrong(check)) return code;
  if (code === "video-codec" && actual == null) return "picture-missing";
  if (code === "resolution" && limit == null) return "resolution-odd";
  if (code === "frame-rate" && typeof actual === "number" && actual < LOW_FRAME_RATE) return "frame-rate-low";
  if (code === "destination-enabled" && destination_id == null) return "destination-missing";
  return code;
}

/** A check in the reader's language; the server's own sentence for a code that is not known here. */
export function told(check: Check, hasEncoder: boolean): ToldCheck {
  const { code, status, message, unit } = check;
  const topic = topicOf(check);
  const words = Object.hasOwn(text.checks, topic) ? text.checks[topic] : undefined;
  if (words === undefined) {
    return { code, status, name: code, found: message, said: undefined, fix: undefined, obs: undefined };
  }
  const [has, limit] = [figure(check.actual, unit), figure(check.limit, unit)];
  const isMarked = isWrong(check);
  const isAnswered = ANSWERED.includes(code);
  const unknown = hasEncoder ? text.preFlight.notMeasured : text.preFlight.needsEncoder;
  const found = (isMarked ? words.problem : words.ok)(has, limit);
  return {
    code,
    status,
    name: words.name,
    found: status === "unknown" ? (isAnswered ? text.preFlight.notAsked : unknown) : found,
    said: isMarked && isAnswered && message !== "" ? sentence(message) : undefined,
    fix: isMarked ? words.fix : undefined,
    obs: isMarked && words.obs !== "" ? words.obs : undefined,
  };
}

/** Whether an encoder was there when the report was made. */
export const hadEncoder = ({ checks }: PreFlightReport) =>
  checks.some(({ code, status }) => code === "encoder-connected" && status === "ok");

/** Whether a moment later more is known: the encoder is there, and not everything of it was measured. */
export const isUnfinished = (report: PreFlightReport) =>
  hadEncoder(report) && report.checks.some(({ status }) => status === "unknown");

const SEVERITY: Record<CheckStatus, number> = { problem: 0, warning: 1, unknown: 2, ok: 3 };

/** What somebody has to look at first. */
export const worstFirst = (checks: readonly Check[]) =>
  [...checks].sort((one, other) => SEVERITY[one.status] - SEVERITY[other.status]);

/** What comes of all checks. */
export type Verdict = "ready" | "readyWithWarnings" | "notReady" | "waiting";

/** Not ready only for want of an encoder is no fault. */
export function verdictOf(report: PreFlightReport): Verdict {
  const { is_ready, checks } = report;
  const problems = checks.filter(({ status }) => status === "problem");
  if (problems.some(({ code }) => code !== "encoder-connected")) return "notReady";
  if (!hadEncoder(report)) return "waiting";
  if (!is_ready) return "notReady";
  return checks.some(({ status }) => status === "warning") ? "readyWithWarnings" : "ready";
}

/** Whether there is nothing to check: the format of a sound or a picture that is not sent. */
function isIdle({ code, status }: Check, all: readonly Check[]): boolean {
  if (status !== "unknown") return false;
  const isMissing = (topic: string) => all.some((one) => isWrong(one) && topicOf(one) === topic);
  if (code.startsWith("audio-")) return isMissing("audio-present");
  return ABOUT_PICTURES.includes(code) && isMissing("picture-missing");
}

/** Checks by what they are about: the source first (null), then its destinations, in the order of the report. */
export function grouped(checks: readonly Check[]): Map<string | null, Check[]> {
  const groups = new Map<string | null, Check[]>([[null, []]]);
  for (const check of checks.filter((check) => !isIdle(check, checks))) {
    const of = check.destination_id ?? null;
    const group = groups.get(of) ?? [];
    group.push(check);
    groups.set(of, group);
  }
  return groups;
}
