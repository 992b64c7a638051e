import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { micros, sentence } from "../format/format";
import { plural } from "../text/plural";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { Page, Section, UpLink } from "../ui/page";
import { Table } from "../ui/table";
import { Tally } from "../ui/tally";
import type { PermissionBody, ReviewBody, TransitionBody } from "../../generated/schema";
import { Decide } from "./decide";
import { Facts } from "./facts";
import { versionQuery } from "./queries";
import { Rollout } from "./rollout";
import { text } from "./text";
import { VersionTally } from "./version-state";

const route = getRouteApi("/_app/admin/plugins/$digest");

/** One version under review: what it is, what the scan found, what it may do, and what was decided. */
export function VersionPage() {
  const { digest } = route.useParams();
  const review = useQuery(versionQuery(digest));
  const found = review.data;
  return (
    <Page
      title={found === undefined ? text.plugins.title : `${found.plugin.name} ${found.version.version}`}
      up={<UpLink to="/admin/plugins">{text.plugins.all}</UpLink>}
      intro={found === undefined ? undefined : <bdi>{found.plugin.description}</bdi>}
      aside={found === undefined ? undefined : <VersionTally state={found.version.state} />}
      actions={found === undefined ? undefined : <Decide reviewed={found} />}
    >
      <Loaded query={review} lines={6}>
        {(data) => <Review review={data} />}
      </Loaded>
    </Page>
  );
}

function Review({ review }: { review: ReviewBody }) {
  return (
    <>
      <Scan review={review} />
      <Permissions review={review} />
      <Difference review={review} />
      <Facts reviewed={review} />
      <Rollout digest={review.version.digest} />
      <History history={review.history} />
    </>
  );
}

function Scan({ review: { version } }: { review: ReviewBody }) {
  const checks = version.scan ?? [];
  return (
    <Section title={text.plugins.scan} intro={text.plugins.scanIntro}>
      {checks.length === 0 ? (
        <p className="text-muted">{text.plugins.noScan}</p>
      ) : (
        <Table
          label={text.plugins.scan}
          keyOf={({ name }) => name}
          rows={checks}
          columns={[
            { title: text.plugins.scanCheck, cell: ({ name }) => <code dir="ltr">{name}</code> },
            {
              title: text.state,
              cell: ({ code }) => (
                <Tally state={code ?? "passed"} tone={code == null ? "good" : "bad"}>
                  {code == null ? text.plugins.passed : text.plugins.refused}
                </Tally>
              ),
            },
            {
              title: text.system.found,
              cell: ({ code, message }) => (
                <span dir="auto" className="max-sm:text-end">
                  {code == null ? message : sentence(message)}
                  {code != null && (
                    <code dir="ltr" className="ms-2 text-xs text-muted">
                      {code}
                    </code>
                  )}
                </span>
              ),
            },
            { title: text.plugins.took, isNumber: true, cell: ({ took_ms }) => micros(took_ms * 1000) },
          ]}
        />
      )}
    </Section>
  );
}

function Permissions({ review: { plugin, version } }: { review: ReviewBody }) {
  const added = new Set(version.difference.more_permissions.flatMap(({ keys }) => keys));
  const isFirst = version.difference.before == null;
  return (
    <Section title={text.plugins.permissions} intro={text.plugins.permissionsIntro}>
      {plugin.permissions.length === 0 && <p className="text-muted">{text.plugins.noPermissions}</p>}
      <ul className="grid gap-4">
        {plugin.permissions.map((permission) => (
          <li key={permission.keys.join()}>
            <Permission permission={permission} isNew={!isFirst && permission.keys.some((key) => added.has(key))} />
          </li>
        ))}
      </ul>
      {plugin.secrets.length > 0 && (
        <div className="mt-5 grid gap-2">
          <h3 className="font-semibold">{text.plugins.secrets}</h3>
          <ul className="grid gap-1 text-sm">
            {plugin.secrets.map(({ name, label, kind, required }) => (
              <li key={name}>
                {label}: {text.plugins.secretKinds[kind] ?? kind}
                {required && ` · ${text.plugins.required}`}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}

function Permission({ permission: { summary, reason, keys }, isNew }: { permission: PermissionBody; isNew: boolean }) {
  return (
    <div className="grid gap-1">
      <p dir="auto" className="font-semibold">
        {sentence(summary)}
        {isNew && <span className="ms-2 rounded-sm border border-warn px-1.5 text-xs text-warn">{text.plugins.isNew}</span>}
      </p>
      {reason !== "" && (
        <p dir="auto" className="text-sm text-muted">
          {reason}
        </p>
      )}
      <code dir="ltr" className="text-xs text-muted wrap-anywhere">
        {keys.join("  ")}
      </code>
    </div>
  );
}

function Difference({ review: { plugin, version } }: { review: ReviewBody }) {
  const { before, config_breaks: breaks, more_permissions: more, state_schema_before: schema } = version.difference;
  if (before == null)
    return (
      <Section title={text.plugins.difference}>
        <p>{text.plugins.firstVersion}</p>
      </Section>
    );
  const isSame = breaks.length === 0 && more.length === 0 && schema == null;
  return (
    <Section title={text.plugins.difference} intro={text.plugins.differenceTo(before)}>
      <div className="grid gap-2">
        {isSame && <p>{text.plugins.noDifference}</p>}
        {more.length > 0 && <p>{plural(text.plugins.morePermissions, more.length)}</p>}
        {schema != null && <p>{text.plugins.stateSchemaBreaks(String(schema), String(plugin.state_schema))}</p>}
        {breaks.length > 0 && <p>{text.plugins.configBreaks}</p>}
        <ul className="grid gap-1">
          {breaks.map((place) => (
            <li key={place}>
              <code dir="ltr" className="text-sm wrap-anywhere">
                {place}
              </code>
            </li>
          ))}
        </ul>
      </div>
    </Section>
  );
}

function History({ history }: { history: readonly TransitionBody[] }) {
  return (
    <Section title={text.plugins.history}>
      <ol className="grid gap-3">
        {history.map((transition) => (
          <li key={`${transition.at} ${transition.to}`} className="grid gap-0.5 border-s-2 border-line ps-3">
            <span className="flex flex-wrap items-baseline gap-x-3">
              <span className="font-semibold">{wordOf(transition)}</span>
              <span className="text-sm text-muted">
                <Moment at={transition.at} /> · {text.plugins.decidedBy(transition.actor_id ?? text.plugins.byHost)}
              </span>
            </span>
            {transition.reason !== "" && (
              <span dir="auto" className="text-sm wrap-anywhere">
                {sentence(transition.reason)}
              </span>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** A draft that stays one was refused by the scan. */
function wordOf({ from, to }: TransitionBody): string {
  if (from === "draft" && to === "draft") return text.plugins.refusedByScan;
  return text.plugins.states[to] ?? to;
}

