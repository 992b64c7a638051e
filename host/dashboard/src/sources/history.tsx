import { lazy, Suspense, useState } from "react";
import { text } from "./destinations/text";

const Events = lazy(() => import("./events").then(({ Events }) => ({ default: Events })));

export interface HistoryProps {
  sourceId: string;
  destinationId: string;
  name: string;
}

/** What happened to a destination in the last minutes, once somebody asks. */
export function History({ sourceId, destinationId, name }: HistoryProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className="min-w-0 flex-1 basis-60" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className="w-fit rounded-md py-3 text-sm font-semibold text-muted sm:py-2.5">
        {text.destinations.history}
      </summary>
      {isOpen && (
        <Suspense>
          <Events sourceId={sourceId} destinationId={destinationId} name={name} />
        </Suspense>
      )}
    </details>
  );
}
