import { ApiError } from "../api/client";
import { sentence } from "../format/format";
import { language } from "../text/language";
import { Button } from "./button";
import { text } from "./text";

interface Props {
  error: unknown;
  /** Asks again. */
  onRetry?: () => void;
}

/** What the API refused; nothing where there is no error. */
export function ErrorNote({ error, onRetry }: Props) {
  if (error === null || error === undefined) return null;
  const { message, details } = inWords(error);
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center justify-between gap-3 rounded-md border border-bad/50 border-s-4 border-s-bad
        bg-bad/6 px-4 py-3 text-sm"
    >
      <div className="min-w-0 wrap-anywhere">
        <p className="font-semibold text-bad">{message}</p>
        {details !== undefined && <p className="mt-0.5 text-ink">{details}</p>}
      </div>
      {onRetry !== undefined && <Button onClick={onRetry}>{text.retry}</Button>}
    </div>
  );
}

/**
 * An error in the reader's language where its code is a known one, and in the server's own words, which say more about
 * the case, where the reader reads English or the code is rare.
 */
export function inWords(error: unknown): { message: string; details?: string } {
  if (!(error instanceof ApiError)) return { message: text.refusals["INTERNAL"] ?? String(error) };
  const known = text.refusals[error.code];
  const isOwn = error.status === 0 || language !== "en";
  const message = (isOwn ? known : undefined) ?? sentence(error.message);
  const seconds = error.detail("retry_after_s");
  if (typeof seconds === "number") return { message, details: text.retryAfter(seconds) };
  return typeof error.details === "string" ? { message, details: sentence(error.details) } : { message };
}

/** The problems of a refused form by the place that they are at (`/name`, `config/url`), where the API names places. */
export function problemsByPlace(error: unknown): Record<string, string> {
  const problems = error instanceof ApiError ? error.detail("problems") : undefined;
  if (!Array.isArray(problems)) return problemOfField(error);
  return Object.fromEntries(
    problems.flatMap(({ place, pointer, message }: Record<string, unknown>) => {
      const at = place ?? pointer;
      return typeof at === "string" && typeof message === "string" ? [[at, sentence(message)]] : [];
    }),
  );
}

/** The one field that the API refused, which it names before a colon: `name: must not be empty`. */
function problemOfField(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError) || error.code !== "VALIDATION_FAILED" || typeof error.details !== "string") return {};
  const [, field, message] = /^([a-z_][\w./]*): (.+)$/s.exec(error.details) ?? [];
  return field === undefined || message === undefined ? {} : { [field]: sentence(message) };
}
