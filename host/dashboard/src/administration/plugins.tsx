import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { plural } from "../text/plural";
import { Empty } from "../ui/empty";
import { Select } from "../ui/field";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { MoreButton } from "../ui/more";
import { tallyEdge } from "../ui/tally";
import type { ReviewedVersionBody, VersionBody } from "../../generated/schema";
import { versionsQuery } from "./queries";
import { Room } from "./room";
import { text } from "./text";
import { problemsOf, toneOfState, VersionTally } from "./version-state";

const route = getRouteApi("/_app/admin/plugins");

/** What waits for a review comes when no state is chosen. */
const WAITING = "scanned";

/** Versions by state: what waits for a review first. */
export function PluginsPage() {
  const { state = WAITING } = route.useSearch();
  const navigate = route.useNavigate();
  const versions = useInfiniteQuery(versionsQuery(state));
  return (
    <Room title={text.plugins.title} intro={text.plugins.intro}>
      <div className="grid gap-4">
        <div className="sm:max-w-lg">
          <Select
            label={text.plugins.filter}
            hint={text.plugins.stateHints[state]}
            value={state}
            onChange={({ target }) => void navigate({ search: target.value === WAITING ? {} : { state: target.value } })}
          >
            {Object.entries(text.plugins.states).map(([word, name]) => (
              <option key={word} value={word}>
                {name}
              </option>
            ))}
          </Select>
        </div>
        <Loaded query={versions} lines={6}>
          {({ pages }) => <Versions versions={pages.flatMap((page) => page.versions)} isWaiting={state === WAITING} />}
        </Loaded>
        <MoreButton query={versions} />
      </div>
    </Room>
  );
}

function Versions({ versions, isWaiting }: { versions: readonly ReviewedVersionBody[]; isWaiting: boolean }) {
  if (versions.length === 0)
    return (
      <Empty
        title={isWaiting ? text.plugins.empty : text.plugins.emptyOther}
        hint={isWaiting ? text.plugins.emptyHint : text.plugins.emptyOtherHint}
      />
    );
  return (
    <ul className="grid gap-3">
      {versions.map((version) => (
        <li key={version.version.digest}>
          <VersionLink reviewed={version} />
        </li>
      ))}
    </ul>
  );
}

function VersionLink({ reviewed: { plugin, version } }: { reviewed: ReviewedVersionBody }) {
  const more = version.difference.more_permissions.length;
  return (
    <Link
      to="/admin/plugins/$digest"
      params={{ digest: version.digest }}
      className={`grid gap-1.5 rounded-lg border border-line bg-surface p-4 hover:bg-sunken ${tallyEdge(toneOfState(version.state))}`}
    >
      <span className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <span className="font-semibold wrap-anywhere">
          {plugin.name} <span dir="ltr">{version.version}</span>
        </span>
        <VersionTally state={version.state} />
      </span>
      <span className="text-sm text-muted wrap-anywhere">
        <span dir="ltr">{plugin.id}</span> · {text.plugins.by(plugin.publisher)} ·{" "}
        {text.plugins.kinds[plugin.kind] ?? plugin.kind} · <Moment at={version.created_at} />
      </span>
      <span className="text-sm">
        {findingsOf(version)}
        {more > 0 && ` · ${plural(text.plugins.newPermissions, more)}`}
      </span>
    </Link>
  );
}

/** What the scan found, in a few words; what came with the host was not scanned. */
function findingsOf(version: VersionBody): string {
  if ((version.scan ?? []).length === 0) return text.plugins.withHost;
  const problems = problemsOf(version).length;
  return problems === 0 ? text.plugins.noFindings : plural(text.plugins.findings, problems);
}
