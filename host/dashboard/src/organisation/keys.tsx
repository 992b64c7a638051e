/** `/keys`: what programs sign in with. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useScope } from "../api/scope";
import { appsQuery } from "../api/standing";
import { date } from "../format/format";
import { plural } from "../text/plural";
import { Button } from "../ui/button";
import { Empty } from "../ui/empty";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { MoreButton } from "../ui/more";
import { Page, Panel } from "../ui/page";
import { Table } from "../ui/table";
import { useLeaving } from "../ui/toast";
import type { ApiKeyBody } from "../../generated/schema";
import { KeyActions } from "./key-actions";
import { NeedsRole } from "./needs-role";
import { apiKeysQuery, rowsOf } from "./queries";
import { text as shared } from "./text";
import { text } from "./keys/text";

const NewKey = lazy(() => import("./key-dialogs").then(({ NewKey }) => ({ default: NewKey })));

export function KeysPage() {
  return (
    <NeedsRole role="admin" title={text.keys.title}>
      <Keys />
    </NeedsRole>
  );
}

function Keys() {
  const [isMaking, setIsMaking] = useState(false);
  const keys = useInfiniteQuery(apiKeysQuery);
  const leaving = useLeaving();
  const make = (
    <Button look="primary" onClick={() => setIsMaking(true)}>
      {text.keys.make}
    </Button>
  );
  return (
    <Page title={text.keys.title} intro={<Intro />} actions={make}>
      <Loaded query={keys}>
        {(data) => {
          const rows = rowsOf(data, (page) => page.api_keys).filter(({ id }) => !leaving.has(id));
          return rows.length === 0 ? (
            <Empty title={text.keys.empty} hint={text.keys.emptyHint} />
          ) : (
            <Panel className="grid gap-4">
              <KeyTable keys={rows} />
              <MoreButton query={keys} />
            </Panel>
          );
        }}
      </Loaded>
      {isMaking && (
        <Suspense>
          <NewKey onClose={() => setIsMaking(false)} />
        </Suspense>
      )}
    </Page>
  );
}

/** Whoever has one app never meets the word. */
function Intro() {
  const scope = useScope();
  const apps = useQuery(appsQuery(scope.organisation)).data ?? [];
  const app = apps.find(({ id, is_default }) => (scope.app === undefined ? is_default : id === scope.app));
  return (
    <>
      {text.keys.intro} {apps.length > 1 && app !== undefined && text.keys.forApp(app.name)}
    </>
  );
}

function KeyTable({ keys }: { keys: readonly ApiKeyBody[] }) {
  return (
    <Table
      label={text.keys.title}
      keyOf={({ id }) => id}
      rows={keys}
      columns={[
        { title: text.keys.name, cell: (key) => <Name apiKey={key} /> },
        { title: text.keys.may, cell: ({ scopes }) => <Scopes scopes={scopes} /> },
        { title: text.keys.lastUsed, cell: ({ last_used_at }) => (last_used_at == null ? text.keys.never : <Moment at={last_used_at} />) },
        { title: text.keys.ends, cell: ({ expires_at }) => <End at={expires_at} /> },
        { title: shared.actions, isTitleHidden: true, cell: (key) => <KeyActions apiKey={key} /> },
      ]}
    />
  );
}

function Name({ apiKey: { name, hint, former } }: { apiKey: ApiKeyBody }) {
  return (
    <span className="grid min-w-0 gap-0.5 max-sm:justify-items-end max-sm:text-end">
      <span className="font-semibold wrap-anywhere">{name}</span>
      <code dir="ltr" className="font-mono text-xs text-muted">
        {hint}…
      </code>
      {former != null && (
        <span className="text-xs text-warn">{text.keys.former(former.hint, date(former.ends_at))}</span>
      )}
    </span>
  );
}

/** How many, and which on request. */
function Scopes({ scopes }: { scopes: readonly string[] }) {
  return (
    <details className="max-sm:text-end">
      <summary className="min-h-6">{plural(text.keys.permissions, scopes.length)}</summary>
      <ul className="mt-1 grid gap-0.5 text-muted">
        {scopes.map((scope) => (
          <li key={scope}>{text.permissions[scope] ?? scope}</li>
        ))}
      </ul>
    </details>
  );
}

function End({ at }: { at: string | null | undefined }) {
  if (at == null) return text.keys.endsNever;
  return Date.parse(at) > Date.now() ? date(at) : <span className="text-warn">{text.keys.ended(date(at))}</span>;
}
