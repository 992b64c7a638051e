import { useInfiniteQuery } from "@tanstack/react-query";
import { count, dateAndTime } from "../format/format";
import { Icon } from "../ui/icon";
import { Moment } from "../ui/moment";
import { Table } from "../ui/table";
import type { ActorBody, AuditEntryBody } from "../../generated/schema";
import { changes, isSecret, type Change } from "./difference";
import { apiKeysQuery, rowsOf } from "./queries";
import { text } from "./text";

/** One entry: who, what and when; the rest opens. */
export function AuditEntry({ entry }: { entry: AuditEntryBody }) {
  return (
    <li className="px-4 py-1 sm:px-5">
      <details className="group">
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
        <Details entry={entry} />
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

function Details({ entry }: { entry: AuditEntryBody }) {
  const rows = changes(entry.before, entry.after);
  const facts = [
    [text.audit.reason, entry.reason],
    [text.audit.address, entry.address],
    [text.audit.request, entry.request_id],
    [text.audit.sequence, count(entry.sequence)],
    [text.audit.hash, entry.hash],
  ].filter(([, value]) => value != null && value !== "");
  return (
    <div className="grid gap-4 pt-1 pb-4">
      <p className="text-sm text-muted">{dateAndTime(entry.at)}</p>
      {rows.length === 0 ? (
        <p className="text-sm text-muted">{text.audit.noDifference}</p>
      ) : (
        <Table
          label={text.audit.details}
          keyOf={({ field }) => field}
          rows={rows}
          columns={[
            { title: text.audit.field, cell: ({ field }: Change) => <code dir="ltr" className="font-mono text-xs">{field}</code> },
            { title: text.audit.before, cell: ({ before }) => <Value value={before} /> },
            { title: text.audit.after, cell: ({ after }) => <Value value={after} /> },
          ]}
        />
      )}
      <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[auto_1fr]">
        {facts.map(([label, value]) => (
          <div key={label} className="contents max-sm:grid">
            <dt className="text-muted">{label}</dt>
            <dd dir="auto" className="min-w-0 wrap-anywhere">
              {value}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** A value as a person reads it. */
function Value({ value }: { value: unknown }) {
  if (value === undefined || value === null || value === "") return <span className="text-muted">–</span>;
  if (isSecret(value)) return <span className="text-muted">{text.audit.secret}</span>;
  if (typeof value === "boolean") return value ? text.audit.yes : text.audit.no;
  if (typeof value === "number") return <bdi>{value}</bdi>;
  const shown = typeof value === "string" ? value : Array.isArray(value) && value.every((one) => typeof one === "string") ? value.join(", ") : JSON.stringify(value);
  return (
    <bdi className="min-w-0 wrap-anywhere max-sm:text-end">{shown}</bdi>
  );
}
