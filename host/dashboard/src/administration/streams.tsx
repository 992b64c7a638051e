import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { plural } from "../text/plural";
import { Empty } from "../ui/empty";
import { Checkbox } from "../ui/field";
import { Loaded } from "../ui/loading";
import { Panel } from "../ui/page";
import { Pager } from "./pager";
import { sourcesQuery } from "./queries";
import { Room } from "./room";
import { SourcesTable } from "./running";
import { text } from "./text";

const route = getRouteApi("/_app/admin/streams");

/** The sources of everybody. */
export function StreamsPage() {
  const { running = false, page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const sources = useQuery(sourcesQuery({ page, running }));
  const kept = running ? { running } : {};
  return (
    <Room title={text.streams.title} intro={text.streams.intro}>
      <div className="grid gap-4">
        <Checkbox
          label={text.streams.onlyRunning}
          checked={running}
          onChange={({ target }) => void navigate({ search: target.checked ? { running: true } : {} })}
        />
        <Loaded query={sources} lines={6}>
          {({ sources: found, pagination }) => (
            <>
              <p role="status" className="text-sm text-muted">
                {plural(text.streams.found, pagination.total)}
              </p>
              {found.length === 0 ? (
                <Empty
                  title={running ? text.streams.noneRunning : text.streams.empty}
                  hint={running ? text.streams.noneRunningHint : text.streams.emptyHint}
                />
              ) : (
                <Panel>
                  <SourcesTable label={text.streams.title} sources={found} />
                </Panel>
              )}
              <Pager
                pagination={pagination}
                onTurn={(next) => void navigate({ search: next === 1 ? kept : { ...kept, page: next } })}
              />
            </>
          )}
        </Loaded>
      </div>
    </Room>
  );
}
