/** What the server finds wrong with a configuration, by place. */

import { ApiError } from "../../api/client";
import { sentence } from "../../format/format";
import { isolated } from "../../text/isolate";
import { isObject, isWithin, type Pointer, type Problems } from "./schema";

/**
 * The problems of a refusal: a list of places, as installations tell it, or `place: message`, as destinations do. Other
 * errors say nothing about places.
 */
export function problemsOf(error: unknown): Problems {
  if (!(error instanceof ApiError)) return {};
  const { details } = error;
  const listed = Array.isArray(details) ? details : error.detail("problems");
  if (Array.isArray(listed)) return problemsAt(listed);
  if (error.code !== "CONFIG_INVALID" || typeof details !== "string") return {};
  const [, place = "", message = details] = /^(\/[^:]*): (.*)$/s.exec(details) ?? [];
  return { [place]: isolated(sentence(message)) };
}

/** Problems that stand in a list: of an installation (`place`) or of a plan (`pointer`). */
export function problemsAt(list: readonly unknown[]): Problems {
  return Object.fromEntries(
    list.filter(isObject).flatMap(({ place, pointer, message }) => {
      const at = place ?? pointer;
      return typeof at === "string" && typeof message === "string" ? [[at, isolated(sentence(message))]] : [];
    }),
  );
}

/** Everything that is wrong at a place or in it. */
export function problemWithin(problems: Problems, place: Pointer): string | undefined {
  const found = Object.entries(problems).filter(([pointer]) => isWithin(pointer, place));
  return found.length === 0 ? undefined : found.map(([, message]) => message).join(" ");
}
