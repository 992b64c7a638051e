import { count, dateAndTime } from "../format/format";
import { Table } from "../ui/table";
import type { AuditEntryBody } from "../../generated/schema";
import { changes, isSecret, type Change } from "./difference";
import { text } from "./audit/text";

/** What an entry says besides who, what and when: the difference, and where the request came from. */
export function AuditDetails({ entry }: { entry: AuditEntryBody }) {
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
