import { ApiError } from "../api/client";
import { sentence } from "../format";
import { text } from "../text/text";

/** What the API refused, in its own words; nothing where there is no error. */
export function ErrorNote({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  const known = error instanceof ApiError ? error : undefined;
  return (
    <div role="alert" className="rounded-lg border border-bad/40 bg-bad/8 px-4 py-3 text-sm">
      <p className="font-medium text-bad">{known === undefined ? text.common.unexpected : sentence(known.message)}</p>
      {known?.details !== undefined && <p className="mt-0.5 text-ink">{sentence(known.details)}</p>}
    </div>
  );
}
