/** Refusals around signing in, in the reader's own words. */

import { ApiError } from "../api/client";
import { text } from "./text";

/** The same error with our sentence, where its code is one of these pages; the status says that the words are ours. */
export function inAccountWords(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const known = text.refusals[error.code];
  return known === undefined ? error : new ApiError(0, error.code, known, error.details);
}

/** Whether `error` is the refusal `code`. */
export const isRefusal = (error: unknown, code: string): boolean => error instanceof ApiError && error.code === code;
