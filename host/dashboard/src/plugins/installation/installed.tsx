import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { InstallationBody } from "../../../generated/schema";
import { buttonLook } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Loaded } from "../../ui/loading";
import { MoreButton } from "../../ui/more";
import { Moment } from "../../ui/moment";
import { Table } from "../../ui/table";
import { useLeaving } from "../../ui/toast";
import { installedQuery } from "../queries";
import { Room } from "../room";
import { InstallationState, kindName, nameOf } from "../states";
import { text as plugins } from "../text";
import { text } from "./text";

/** What is installed in this app. */
export function InstalledPage() {
  const query = useInfiniteQuery(installedQuery);
  const leaving = useLeaving();
  return (
    <Room title={plugins.installed.title} intro={plugins.installed.intro}>
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap(({ installations }) => installations).filter(({ id }) => !leaving.has(id));
          return rows.length === 0 ? (
            <Empty title={plugins.installed.empty} hint={plugins.installed.emptyHint}>
              <Link to="/plugins" className={buttonLook("primary")}>
                {plugins.installed.toCatalogue}
              </Link>
            </Empty>
          ) : (
            <>
              <List rows={rows} />
              <MoreButton query={query} />
            </>
          );
        }}
      </Loaded>
    </Room>
  );
}

function List({ rows }: { rows: readonly InstallationBody[] }) {
  return (
    <Table
      label={plugins.installed.title}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          title: text.list.name,
          cell: (installation) => (
            <span className="grid gap-0.5 max-sm:justify-items-end">
              <Link
                to="/plugins/installed/$installationId"
                params={{ installationId: installation.id }}
                className="min-h-6 font-semibold underline-offset-4 hover:underline"
              >
                {nameOf(installation)}
              </Link>
              <code dir="ltr" className="text-xs text-muted">
                {installation.plugin} {installation.version}
              </code>
            </span>
          ),
        },
        { title: text.list.kind, cell: ({ kind }) => kindName(kind) },
        { title: text.list.state, cell: ({ state }) => <InstallationState state={state} /> },
        { title: text.list.changed, cell: ({ updated_at }) => <Moment at={updated_at} /> },
      ]}
    />
  );
}
