import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { bytes, dateAndTime } from "../format/format";
import { Button, buttonLook } from "../ui/button";
import { ErrorNote } from "../ui/error-note";
import { Moment } from "../ui/moment";
import { Section } from "../ui/page";
import { Table } from "../ui/table";
import { Tally, type Tone } from "../ui/tally";
import { notify } from "../ui/toast";
import type { ExportBody } from "../../generated/schema";
import { askForExport, exportsQuery, type Subject } from "./queries";
import { text } from "./text";

const tones: Record<string, Tone> = { waiting: "wait", ready: "good", failed: "bad" };

interface Props {
  subject: Subject;
  title: string;
  intro: string;
}

/** Copies of data that were asked for, and asking for one. */
export function Exports({ subject, title, intro }: Props) {
  const client = useQueryClient();
  const query = exportsQuery(subject);
  const copies = useQuery(query);
  const asking = useMutation({
    mutationFn: () => askForExport(subject),
    onSuccess: () => notify(text.data.asked),
    onSettled: () => client.invalidateQueries({ queryKey: query.queryKey }),
  });
  return (
    <Section title={title} intro={intro}>
      <div className="grid gap-4">
        {/* Mostly there is none: a place held for one would only move what is below. */}
        {copies.data === undefined ? (
          <ErrorNote error={copies.error} onRetry={() => void copies.refetch()} />
        ) : (
          copies.data.length > 0 && <Copies title={title} rows={copies.data} />
        )}
        <ErrorNote error={asking.error} />
        <Button className="justify-self-start" isBusy={asking.isPending} onClick={() => asking.mutate()}>
          {text.data.ask}
        </Button>
      </div>
    </Section>
  );
}

function Copies({ title, rows }: { title: string; rows: readonly ExportBody[] }) {
  return (
    <Table
      label={`${title}: ${text.data.copies}`}
      keyOf={({ id }) => id}
      rows={rows}
      columns={[
        { title: text.data.requested, cell: ({ requested_at }) => <Moment at={requested_at} /> },
        { title: text.data.state, cell: (copy) => <State copy={copy} /> },
        { title: text.data.size, cell: ({ size_bytes }) => (size_bytes == null ? "–" : bytes(size_bytes)), isNumber: true },
        { title: text.data.until, cell: ({ expires_at }) => dateAndTime(expires_at) },
        { title: text.actions, isTitleHidden: true, isNumber: true, cell: (copy) => <Download copy={copy} /> },
      ]}
    />
  );
}

function State({ copy: { state, problem } }: { copy: ExportBody }) {
  return (
    <span className="grid gap-0.5">
      <Tally state={state} tone={tones[state] ?? "quiet"}>
        {text.data.states[state] ?? state}
      </Tally>
      {problem != null && <span className="text-xs text-bad wrap-anywhere">{problem}</span>}
    </span>
  );
}

function Download({ copy: { download_url, checksum, requested_at } }: { copy: ExportBody }) {
  if (download_url == null) return null;
  return (
    <a
      href={download_url}
      download
      title={checksum == null ? undefined : `${text.data.checksum}: ${checksum}`}
      aria-label={text.data.fetchOf(dateAndTime(requested_at))}
      className={buttonLook("plain")}
    >
      {text.data.fetch}
    </a>
  );
}
