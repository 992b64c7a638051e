import { useQuery } from "@tanstack/react-query";
import type { ActivityBody, ActivityDayBody, EgressBody, InstallationBody } from "../../../generated/schema";
import { bytes, count, date, micros } from "../../format/format";
import { Empty } from "../../ui/empty";
import { Loaded } from "../../ui/loading";
import { Section } from "../../ui/page";
import { Table } from "../../ui/table";
import { text as common } from "../../ui/text";
import { activityQuery } from "../queries";
import { egressOf } from "./egress";
import { InstallationFrame } from "./frame";
import { LiveMeter } from "./meter";
import { text } from "./text";

/** What an installation did, and what left the platform. */
export function ActivityPage() {
  return <InstallationFrame>{(installation) => <Activity installation={installation} />}</InstallationFrame>;
}

function Activity({ installation: { id } }: { installation: InstallationBody }) {
  const query = useQuery(activityQuery(id));
  return (
    <Loaded query={query} lines={6}>
      {(activity) => (
        <div className="grid gap-8">
          <Section title={text.meter.title} intro={text.meter.intro}>
            <div className="grid gap-6">
              <LiveMeter figures={activity.live} />
            </div>
          </Section>
          <Section title={text.egress.title} intro={text.egress.intro} isBare>
            <Egress activity={activity} />
          </Section>
          <Section title={text.days.title} isBare>
            <Days days={activity.days} />
          </Section>
        </div>
      )}
    </Loaded>
  );
}

function Egress({ activity }: { activity: ActivityBody }) {
  const rows = egressOf(activity);
  if (rows.length === 0) return <Empty title={text.egress.empty} hint={text.egress.emptyHint} />;
  return (
    <Table<EgressBody>
      label={text.egress.title}
      rows={rows}
      keyOf={({ host }) => host}
      columns={[
        { title: text.egress.host, cell: ({ host }) => <code dir="ltr">{host}</code> },
        { title: text.egress.requests, cell: ({ requests }) => count(requests), isNumber: true },
        { title: text.egress.out, cell: ({ bytes_out }) => bytes(bytes_out), isNumber: true },
        { title: text.egress.in, cell: ({ bytes_in }) => bytes(bytes_in), isNumber: true },
        {
          title: text.egress.secrets,
          cell: ({ secrets }) => (secrets.length === 0 ? common.none : <code dir="ltr">{secrets.join(", ")}</code>),
        },
      ]}
    />
  );
}

function Days({ days }: { days: readonly ActivityDayBody[] }) {
  if (days.length === 0) return <Empty title={text.days.empty} hint={text.days.emptyHint} />;
  return (
    <Table<ActivityDayBody>
      label={text.days.title}
      rows={days}
      keyOf={({ day }) => day}
      columns={[
        { title: text.days.day, cell: ({ day }) => date(day) },
        { title: text.meter.calls, cell: ({ calls }) => count(calls), isNumber: true },
        { title: text.meter.errors, cell: ({ errors }) => count(errors), isNumber: true },
        { title: text.meter.faults, cell: ({ faults }) => count(faults), isNumber: true },
        { title: text.meter.p95, cell: ({ calls, p95_us }) => (calls === 0 ? common.none : micros(p95_us)), isNumber: true },
        { title: text.meter.memory, cell: ({ memory_peak_bytes }) => bytes(memory_peak_bytes), isNumber: true },
      ]}
    />
  );
}
