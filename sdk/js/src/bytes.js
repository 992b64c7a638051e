// Texts and bytes, JSON, hexadecimal digits.

import { PluginError } from "./error.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text as UTF-8; bytes as they are. */
export function bytesOf(value) {
  return typeof value === "string" ? encoder.encode(value) : value;
}

/** Bytes as text; what is not UTF-8 becomes U+FFFD. */
export function textOf(value) {
  return typeof value === "string" ? value : decoder.decode(value);
}

export const json = Object.freeze({
  from(bytes) {
    try {
      return JSON.parse(textOf(bytes));
    } catch {
      // The engine's message may quote what was sent, so it is not passed on.
      throw PluginError.unavailable("malformed", "The answer cannot be read: it is no JSON.");
    }
  },

  to(value) {
    return encoder.encode(JSON.stringify(value));
  },
});

export const hex = Object.freeze({
  encode(bytes) {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },

  decode(digits) {
    if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
    return Uint8Array.from({ length: digits.length / 2 }, (_, at) => Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16));
  },
});
