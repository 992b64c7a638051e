/** Numbers and times as people read them. */

import type { Track } from "./api/types";

/** `2.5 Mbit/s`, `640 kbit/s`, or a dash for nothing. */
export function bitrate(bitsPerSecond: number): string {
  if (bitsPerSecond <= 0) return "–";
  if (bitsPerSecond < 1_000_000) return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
}

/** Hours and minutes of the day, in the reader's own zone. */
export function clock(moment: string): string {
  return new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
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

/** `avc1.64001f 1920×1080`, `mp4a.40.2 48 kHz`. */
export function track({ codec, width, height, sample_rate }: Track): string {
  if (width && height) return `${codec} ${width}×${height}`;
  return sample_rate ? `${codec} ${sample_rate / 1000} kHz` : codec;
}
