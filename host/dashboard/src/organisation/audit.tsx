/** `/audit`: who changed what in the organisation. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Empty } from "../ui/empty";
import { Loaded } from "../ui/loading";
import { MoreButton } from "../ui/more";
import { Page, Section } from "../ui/page";
import { AuditActions } from "./audit-actions";
import { AuditEntry } from "./audit-entry";
import { AuditFilters } from "./audit-filters";
import { NeedsRole } from "./needs-role";
import { auditQuery, rowsOf, type AuditFilter } from "./queries";
import { text } from "./audit/text";

const route = getRouteApi("/_app/audit");

export function AuditPage() {
  return (
    <NeedsRole role="admin" title={text.audit.title}>
      <Audit />
    </NeedsRole>
  );
}

function Audit() {
  const filter = route.useSearch();
  const navigate = useNavigate();
  const entries = useInfiniteQuery(auditQuery(filter));
  const show = (next: AuditFilter) => void navigate({ to: "/audit", search: next });
  return (
    <Page title={text.audit.title} intro={text.audit.intro}>
      {/* Made anew for another filter, so that its fields say what is shown. */}
      <AuditFilters key={JSON.stringify(filter)} filter={filter} onChange={show} />
      <Section title={text.audit.entries} actions={<AuditActions filter={filter} />} isBare>
        <Loaded query={entries} lines={6}>
          {(data) => {
            const rows = rowsOf(data, (page) => page.entries);
            if (rows.length === 0) return <Empty title={text.audit.empty} hint={text.audit.emptyHint} />;
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
    </Page>
  );
}
