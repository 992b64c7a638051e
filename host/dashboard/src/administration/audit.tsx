import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { call } from "../api/client";
import { AuditActions } from "../organisation/audit-actions";
import { AuditEntry } from "../organisation/audit-entry";
import { AuditFilters } from "../organisation/audit-filters";
import { auditParameters, type AuditFilter } from "../organisation/queries";
import { Empty } from "../ui/empty";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loading";
import { MoreButton } from "../ui/more";
import { Section } from "../ui/page";
import { Room } from "./room";
import { text } from "./text";

const route = getRouteApi("/_app/admin/audit");

const platformAuditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["admin", "audit-log", filter],
    queryFn: ({ pageParam, signal }) =>
      call("get", "/api/admin/audit-log", {
        query: { ...auditParameters(filter), ...(pageParam !== "" && { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

/** What those who run the platform and its command line changed. */
export function PlatformAuditPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const entries = useInfiniteQuery(platformAuditQuery(filter));
  return (
    <Room title={text.audit.title} intro={text.audit.intro}>
      {/* Made anew for another filter, so that its fields say what is shown. */}
      <AuditFilters
        key={JSON.stringify(filter)}
        filter={filter}
        onChange={(next) => void navigate({ search: next })}
        who={<Field label={text.audit.actor} name="actor" defaultValue={filter.actor} maxLength={200} autoComplete="off" dir="ltr" />}
      />
      <Section title={text.audit.entries} actions={<AuditActions filter={filter} address="/api/admin/audit-log" />} isBare>
        <Loaded query={entries} lines={6}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.entries);
            if (rows.length === 0) return <None isFiltered={Object.keys(filter).length > 0} />;
            return (
              <div className="grid gap-4">
                <ol className="divide-y divide-line rounded-lg border border-line bg-surface">
                  {rows.map((entry) => (
                    <AuditEntry key={entry.sequence} entry={entry} />
                  ))}
                </ol>
                <MoreButton query={entries} />
              </div>
            );
          }}
        </Loaded>
      </Section>
    </Room>
  );
}

function None({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title={text.audit.empty} hint={text.audit.emptyHint} />
  ) : (
    <Empty title={text.audit.none} hint={text.audit.noneHint} />
  );
}
