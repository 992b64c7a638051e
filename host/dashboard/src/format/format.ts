/** Numbers, sizes and times as people read them, in the language of the page. */

import { direction, language } from "../text/language";

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** `1,234`. */
export function count(value: number): string {
  return whole.format(value);
}

/** `12.5`. */
export function decimal(value: number): string {
  return tenths.format(value);
}

/** A figure with a Latin unit, which stays in its order where one reads from right to left (UAX #9, isolates). */
const figure = (value: string, unit: string) => (direction === "rtl" ? `\u2066${value} ${unit}\u2069` : `${value} ${unit}`);

/** `2.5 Mbit/s`, `640 kbit/s`, or a dash for nothing. */
export function bitrate(bitsPerSecond: number): string {
  if (bitsPerSecond <= 0) return "–";
  if (bitsPerSecond < 1_000_000) return figure(whole.format(bitsPerSecond / 1000), "kbit/s");
  return figure(tenths.format(bitsPerSecond / 1_000_000), "Mbit/s");
}

/** `512 B`, `1.2 MB`. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, size < 1 ? 0 : Math.floor(Math.log10(size) / 3));
  return figure((power === 0 ? whole : tenths).format(size / 1000 ** power), units[power] ?? "B");
}

/** Microseconds as `850 µs`, `12.4 ms`, `1.3 s`. */
export function micros(us: number): string {
  if (us < 1000) return figure(whole.format(us), "µs");
  return us < 1_000_000 ? figure(tenths.format(us / 1000), "ms") : figure(tenths.format(us / 1_000_000), "s");
}

/** Hours and minutes of the day, in the reader's own zone. */
export function clock(moment: string | number): string {
  return new Date(moment).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}

/** Hours, minutes and seconds of the day. */
export function clockToTheSecond(moment: string | number): string {
  return new Date(moment).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** `20 November 2026`. */
export function date(moment: string | number): string {
  return new Date(moment).toLocaleDateString(language, { dateStyle: "long" });
}

/** `20 Nov 2026, 18:04:09`. */
export function dateAndTime(moment: string | number): string {
  return new Date(moment).toLocaleString(language, { dateStyle: "medium", timeStyle: "medium" });
}

const STEPS = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86_400, "hour", 3600],
  [30 * 86_400, "day", 86_400],
  [365 * 86_400, "month", 30 * 86_400],
  [Number.POSITIVE_INFINITY, "year", 365 * 86_400],
] as const;

/** `3 minutes ago`, `in 2 days`. */
export function ago(moment: string, now: number): string {
  const seconds = (Date.parse(moment) - now) / 1000;
  const [, unit, size] = STEPS.find(([below]) => Math.abs(seconds) < below) ?? STEPS[5];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** Seconds as `4:05` or `1:04:05`. */
export function duration(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, place) => (place === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** Whole seconds from `now` (milliseconds since 1970) until `moment`, at least 0. */
export function secondsUntil(moment: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(moment) - now) / 1000));
}

/** A message with a capital letter and a full stop: programs say them without. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

interface Track {
  codec: string;
  width?: number | null;
  height?: number | null;
  sample_rate?: number | null;
}

/** `avc1.64001f 1920×1080`, `mp4a.40.2 48 kHz`. */
export function track({ codec, width, height, sample_rate }: Track): string {
  if (width && height) return `${codec} ${width}×${height}`;
  return sample_rate ? `${codec} ${sample_rate / 1000} kHz` : codec;
}
