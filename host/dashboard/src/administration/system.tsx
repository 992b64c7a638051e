import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { bytes, count, decimal, micros, sentence } from "../format/format";
import { money } from "../organisation/prices";
import { plural } from "../text/plural";
import { Empty } from "../ui/empty";
import { Figure, Figures, Meter } from "../ui/figure";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { Panel, Section } from "../ui/page";
import { Table } from "../ui/table";
import { Tally, tallyEdge, type Tone } from "../ui/tally";
import { text as common } from "../ui/text";
import type { PlatformStatsBody, SystemBody, SystemCheckBody } from "../../generated/schema";
import { sourcesQuery, statsQuery, systemQuery } from "./queries";
import { Room } from "./room";
import { SourcesTable } from "./running";
import { text } from "./text";

const tones: Record<SystemCheckBody["status"], Tone> = { ok: "good", warning: "wait", problem: "bad" };
const ranks: Record<SystemCheckBody["status"], number> = { problem: 0, warning: 1, ok: 2 };

const nameOf = ({ code }: SystemCheckBody) => text.system.checks[code] ?? code;

/** How the server is doing: what is wrong first, what it takes, and what runs. */
export function SystemPage() {
  const system = useQuery(systemQuery);
  return (
    <Room
      title={text.system.title}
      intro={text.system.intro}
      aside={system.data === undefined ? undefined : <Verdict checks={system.data.checks} />}
    >
      <Loaded query={system} lines={6}>
        {(data) => (
          <>
            <Attention checks={data.checks} />
            <Now system={data} />
            <Running />
            <Today />
            <Looked system={data} />
          </>
        )}
      </Loaded>
    </Room>
  );
}

function Verdict({ checks }: { checks: readonly SystemCheckBody[] }) {
  const of = (status: SystemCheckBody["status"]) => checks.filter((check) => check.status === status).length;
  const [problems, warnings] = [of("problem"), of("warning")];
  if (problems > 0) return <Tally state="problem" tone="bad">{plural(text.system.problems, problems)}</Tally>;
  if (warnings > 0) return <Tally state="warning" tone="wait">{plural(text.system.warnings, warnings)}</Tally>;
  return <Tally state="ok" tone="good">{text.system.allWell}</Tally>;
}

function Attention({ checks }: { checks: readonly SystemCheckBody[] }) {
  const wanting = checks.filter(({ status }) => status !== "ok").sort((one, other) => ranks[one.status] - ranks[other.status]);
  return (
    <Section title={text.system.attention} isBare>
      {wanting.length === 0 ? (
        <Panel className={tallyEdge("good")}>{text.system.nothingWrong}</Panel>
      ) : (
        <ul className="grid gap-3">
          {wanting.map((check) => (
            <li key={check.code}>
              <Panel className={`grid gap-1 ${tallyEdge(tones[check.status])}`}>
                <div className="flex flex-wrap items-baseline justify-between gap-x-4">
                  <h3 className="font-semibold">{nameOf(check)}</h3>
                  <CheckTally check={check} />
                </div>
                <p dir="auto" className="wrap-anywhere">
                  {sentence(check.message)}
                </p>
                {check.advice != null && (
                  <p dir="auto" className="text-sm text-muted wrap-anywhere">
                    {sentence(check.advice)}
                  </p>
                )}
              </Panel>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function CheckTally({ check: { status } }: { check: SystemCheckBody }) {
  return (
    <Tally state={status} tone={tones[status]}>
      {text.system.states[status]}
    </Tally>
  );
}

function Now({ system }: { system: SystemBody }) {
  const { free_bytes: free, total_bytes: total } = system.disk;
  return (
    <Section title={text.system.now} intro={text.system.nowIntro}>
      <div className="grid gap-6">
        <Figures>
          <Figure isLarge label={text.system.sessions} value={count(system.sessions)} />
          <Figure isLarge label={text.system.destinations} value={count(system.destinations)} />
          <Figure isLarge label={text.system.viewers} value={count(system.viewers)} />
          <Figure isLarge label={text.system.cpu} value={`${decimal(system.cpu_percent)} %`} note={text.system.cpuNote} />
          <Figure
            isLarge
            label={text.system.memory}
            value={system.memory.resident_bytes == null ? common.none : bytes(system.memory.resident_bytes)}
            note={text.system.memoryNote}
          />
          <Figure
            isLarge
            label={text.system.latency}
            value={micros(system.database.latency_ms * 1000)}
            note={text.system.databases[system.database.kind] ?? system.database.kind}
          />
        </Figures>
        {free != null && total != null && (
          <Meter
            label={text.system.disk}
            used={total - free}
            max={total}
            value={common.of(bytes(total - free), bytes(total))}
            note={text.system.diskFree(bytes(free))}
          />
        )}
        <Figures>
          <Figure label={text.system.serving} value={<Moment at={system.started_at} />} />
          <Figure label={text.system.version} value={<span dir="ltr">{system.version}</span>} />
          <Figure label={text.system.redis} value={text.system.redisStates[system.redis] ?? system.redis} />
          <Figure label={text.system.mail} value={system.mail_configured ? text.system.mailOn : text.system.mailOff} />
        </Figures>
      </div>
    </Section>
  );
}

/** A page of what runs; all of it stands on the page of streams. */
function Running() {
  const running = useQuery(sourcesQuery({ page: 1, running: true }));
  return (
    <Section
      title={text.system.running}
      isBare
      actions={
        <Link to="/admin/streams" className="text-sm font-semibold text-accent underline-offset-4 hover:underline">
          {text.system.allStreams}
        </Link>
      }
    >
      <Loaded query={running}>
        {({ sources }) =>
          sources.length === 0 ? (
            <Empty title={text.system.runningNone} hint={text.system.runningNoneHint} />
          ) : (
            <Panel>
              <SourcesTable label={text.system.running} sources={sources} />
            </Panel>
          )
        }
      </Loaded>
    </Section>
  );
}

function Today() {
  const stats = useQuery(statsQuery);
  return (
    <Section title={text.system.platform}>
      <Loaded query={stats}>{(data) => <Stats stats={data} />}</Loaded>
    </Section>
  );
}

function Stats({ stats }: { stats: PlatformStatsBody["stats"] }) {
  return (
    <Figures>
      <Figure isLarge label={text.system.users} value={count(stats.total_users)} />
      <Figure isLarge label={text.system.usersToday} value={count(stats.active_users_today)} />
      <Figure isLarge label={text.system.sources} value={count(stats.total_streams)} />
      <Figure isLarge label={text.system.hoursToday} value={decimal(stats.streaming_hours_today)} />
      <Figure
        isLarge
        label={text.system.subscriptions}
        value={count(stats.active_subscriptions)}
        note={text.system.subscriptionsNote(count(stats.total_subscriptions))}
      />
      <Figure
        isLarge
        label={text.system.revenue}
        value={money(stats.monthly_revenue, stats.monthly_revenue_currency)}
        note={text.system.revenueNote}
      />
    </Figures>
  );
}

function Looked({ system }: { system: SystemBody }) {
  return (
    <Section title={text.system.looked} intro={text.system.lookedIntro}>
      <div className="grid gap-3">
        <p className="text-sm text-muted">
          {text.system.lookedAt}: <Moment at={system.checked_at} />
        </p>
        <Table
          label={text.system.looked}
          keyOf={({ code }) => code}
          rows={system.checks}
          columns={[
            { title: text.system.check, cell: (check) => <span className="font-semibold">{nameOf(check)}</span> },
            { title: text.state, cell: (check) => <CheckTally check={check} /> },
            {
              title: text.system.found,
              cell: ({ message }) => (
                <span dir="auto" className="wrap-anywhere max-sm:text-end">
                  {message}
                </span>
              ),
            },
          ]}
        />
      </div>
    </Section>
  );
}
