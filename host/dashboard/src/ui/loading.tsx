import type { ReactNode } from "react";
import { ErrorNote } from "./error-note";
import { text } from "./text";

/** Grey lines where content will be. They come late, so that quick answers do not flicker. */
export function Loading({ lines = 3 }: { lines?: number }) {
  return (
    <div role="status" data-loading className="grid animate-wait gap-3 py-2 [animation-delay:300ms]">
      <span className="sr-only">{text.loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} aria-hidden className="h-4 rounded-sm bg-sunken" style={{ width: `${88 - line * 14}%` }} />
      ))}
    </div>
  );
}

interface Props<T> {
  /** One answer, or pages of it. */
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  children: (data: T) => ReactNode;
  lines?: number;
}

/**
 * What a query found; before that grey lines, and an error with a way to try again. What was read once stays in sight
 * when reading it again fails: the frame tells of a lost connection.
 */
export function Loaded<T>({ query, children, lines }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading {...(lines !== undefined && { lines })} />;
}
