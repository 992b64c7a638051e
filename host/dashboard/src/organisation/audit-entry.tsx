import { useInfiniteQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Icon } from "../ui/icon";
import { Moment } from "../ui/moment";
import type { ActorBody, AuditEntryBody } from "../../generated/schema";
import { apiKeysQuery, rowsOf } from "./queries";
import { text } from "./audit/text";

const AuditDetails = lazy(() => import("./audit-details").then(({ AuditDetails }) => ({ default: AuditDetails })));

/** One entry: who, what and when; the rest opens. */
export function AuditEntry({ entry }: { entry: AuditEntryBody }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li className="px-4 py-1 sm:px-5">
      <details className="group" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary className="grid min-h-11 list-none gap-x-4 gap-y-0.5 py-2 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center">
          <span className="min-w-0 wrap-anywhere">
            <span className="font-semibold">{actionIn(entry.action)}</span> <Subject entry={entry} />
          </span>
          <span className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
            <Actor actor={entry.actor} />
            <Moment at={entry.at} />
            <Icon name="down" className="size-4 transition-transform group-open:rotate-180" />
          </span>
        </summary>
        {isOpen && (
          <Suspense>
            <AuditDetails entry={entry} />
          </Suspense>
        )}
      </details>
    </li>
  );
}

/** What was done, in the reader's language where its words are known. */
function actionIn(action: string): string {
  const dot = action.indexOf(".");
  const kind = text.audit.kinds[action.slice(0, dot)];
  const verb = text.audit.verbs[action.slice(dot + 1)];
  return kind === undefined || verb === undefined ? action : `${kind}: ${verb}`;
}

/** The name of what was changed, as the entry tells it; else its id. */
function Subject({ entry: { target, before, after } }: { entry: AuditEntryBody }) {
  const shown = { ...(before as object | null), ...(after as object | null) } as Record<string, unknown>;
  const name = ["name", "display_name", "email", "title"].map((field) => shown[field]).find((value) => typeof value === "string");
  if (typeof name === "string" && name !== "") return <>“{name}”</>;
  return (
    <code dir="ltr" className="font-mono text-xs text-muted">
      {target.id}
    </code>
  );
}

function Actor({ actor }: { actor: ActorBody }) {
  const keys = useInfiniteQuery({ ...apiKeysQuery, enabled: actor.kind === "key" }).data;
  const key = actor.kind !== "key" || keys === undefined ? undefined : rowsOf(keys, (page) => page.api_keys).find(({ id }) => id === actor.id);
  const name = actor.name ?? key?.name ?? text.audit.actors[actor.kind] ?? actor.kind;
  return <span className="wrap-anywhere">{actor.impersonator_id == null ? name : text.audit.inPlaceOf(name)}</span>;
}
