import { bitrate, count } from "../format/format";
import { Moment } from "../ui/moment";
import { Table } from "../ui/table";
import { Tally } from "../ui/tally";
import { text as common } from "../ui/text";
import type { ListedSourceBody } from "../../generated/schema";
import { text } from "./text";

interface Props {
  label: string;
  sources: readonly ListedSourceBody[];
}

/** Sources of everybody, with whose they are and what runs of them. */
export function SourcesTable({ label, sources }: Props) {
  return (
    <Table
      label={label}
      keyOf={({ id }) => id}
      rows={sources}
      columns={[
        { title: text.streams.name, cell: ({ name }) => <span className="font-semibold max-sm:text-end">{name}</span> },
        { title: text.organisation, cell: ({ organisation }) => <span className="max-sm:text-end">{organisation.name}</span> },
        { title: text.state, cell: ({ state }) => <Tally state={state} /> },
        {
          title: text.streams.runsSince,
          cell: ({ started_at }) => (started_at == null ? common.none : <Moment at={started_at} />),
        },
        { title: text.streams.bitrate, isNumber: true, cell: ({ bitrate_in_bps }) => bitrate(bitrate_in_bps) },
        { title: text.streams.destinations, isNumber: true, cell: ({ destinations_count }) => count(destinations_count) },
        { title: text.streams.made, cell: ({ created_at }) => <Moment at={created_at} /> },
      ]}
    />
  );
}
