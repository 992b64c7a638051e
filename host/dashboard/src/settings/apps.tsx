/** `/settings/apps`: parts of the organisation with sources, plugins and keys of their own. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { call } from "../api/client";
import { actFor, useScope } from "../api/scope";
import { appsQuery } from "../api/standing";
import { date } from "../format/format";
import { NeedsRole } from "../organisation/needs-role";
import { Button } from "../ui/button";
import { ConfirmButton } from "../ui/confirm";
import { Loaded } from "../ui/loading";
import { Panel } from "../ui/page";
import { Table } from "../ui/table";
import { notify, notifyError } from "../ui/toast";
import type { AppBody } from "../../generated/schema";
import { SettingsPage } from "./frame";
import { text } from "./text";

const AppDialog = lazy(() => import("./app-dialog").then(({ AppDialog }) => ({ default: AppDialog })));

export function AppsPage() {
  const [isMaking, setIsMaking] = useState(false);
  const { organisation } = useScope();
  const apps = useQuery(appsQuery(organisation));
  return (
    <SettingsPage tab="apps" intro={text.apps.intro}>
      <NeedsRole role="admin">
        <Loaded query={apps}>
          {(rows) => (
            <Panel className="grid gap-4">
              <AppTable apps={rows} />
              <Button className="justify-self-start" onClick={() => setIsMaking(true)}>
                {text.apps.make}
              </Button>
            </Panel>
          )}
        </Loaded>
      </NeedsRole>
      {isMaking && (
        <Suspense>
          <AppDialog onClose={() => setIsMaking(false)} />
        </Suspense>
      )}
    </SettingsPage>
  );
}

function AppTable({ apps }: { apps: readonly AppBody[] }) {
  return (
    <Table
      label={text.tabs.apps}
      keyOf={({ id }) => id}
      rows={apps}
      columns={[
        { title: text.apps.name, cell: (app) => <Name app={app} /> },
        { title: text.apps.state, cell: (app) => <State app={app} /> },
        { title: text.apps.madeOn, cell: ({ created_at }) => date(created_at) },
        { title: text.actions, isTitleHidden: true, cell: (app) => <Actions app={app} /> },
      ]}
    />
  );
}

function Name({ app: { name, description } }: { app: AppBody }) {
  return (
    <span className="grid min-w-0 max-sm:text-end">
      <span className="font-semibold wrap-anywhere">{name}</span>
      {description !== "" && <span className="text-muted wrap-anywhere">{description}</span>}
    </span>
  );
}

function useIsPresent({ id, is_default }: AppBody): boolean {
  const { app } = useScope();
  return app === undefined ? is_default : app === id;
}

function State({ app }: { app: AppBody }) {
  const isPresent = useIsPresent(app);
  const words = [
    app.is_default && text.apps.default,
    app.archived_at == null ? text.apps.active : text.apps.archived,
    isPresent && text.apps.present,
  ];
  return words.filter((word) => word !== false).join(" · ");
}

function Actions({ app }: { app: AppBody }) {
  const [isEditing, setIsEditing] = useState(false);
  return (
    <span className="flex flex-wrap gap-x-1 sm:justify-end">
      {app.archived_at == null ? <RunningActions app={app} /> : <ArchivedActions app={app} />}
      <Button look="plain" onClick={() => setIsEditing(true)} aria-label={`${text.apps.edit}: ${app.name}`}>
        {text.apps.edit}
      </Button>
      {isEditing && (
        <Suspense>
          <AppDialog app={app} onClose={() => setIsEditing(false)} />
        </Suspense>
      )}
    </span>
  );
}

/** Acts for another app from now on; what was read for the former is forgotten. */
function useChoose() {
  const client = useQueryClient();
  const router = useRouter();
  const scope = useScope();
  return async (app: AppBody) => {
    const { app: _, ...rest } = scope;
    actFor(app.is_default ? rest : { ...rest, app: app.id });
    await router.navigate({ to: "/" });
    void client.resetQueries();
  };
}

function RunningActions({ app }: { app: AppBody }) {
  const client = useQueryClient();
  const scope = useScope();
  const choose = useChoose();
  const isPresent = useIsPresent(app);
  const archive = async () => {
    await call("post", "/api/apps/{id}/archive", { parameters: { id: app.id } });
    if (isPresent) actFor(scope.organisation === undefined ? {} : { organisation: scope.organisation });
    await client.invalidateQueries();
    notify(text.apps.archivedDone(app.name));
  };
  return (
    <>
      {!isPresent && (
        <Button look="plain" onClick={() => void choose(app)} aria-label={text.apps.actForOf(app.name)}>
          {text.apps.actFor}
        </Button>
      )}
      {!app.is_default && (
        <ConfirmButton
          look="plain"
          label={text.apps.archive}
          describedAs={`${text.apps.archive}: ${app.name}`}
          consequence={text.apps.archiveConfirm(app.name)}
          action={archive}
        />
      )}
    </>
  );
}

function ArchivedActions({ app }: { app: AppBody }) {
  const client = useQueryClient();
  const { organisation } = useScope();
  const readAgain = () => client.invalidateQueries({ queryKey: appsQuery(organisation).queryKey });
  const restore = () =>
    void call("post", "/api/apps/{id}/restore", { parameters: { id: app.id } })
      .then(readAgain)
      .then(() => notify(text.apps.restored(app.name)), notifyError);
  const remove = async () => {
    await call("delete", "/api/apps/{id}", { parameters: { id: app.id } });
    await readAgain();
  };
  return (
    <>
      <Button look="plain" onClick={restore} aria-label={`${text.apps.restore}: ${app.name}`}>
        {text.apps.restore}
      </Button>
      <ConfirmButton
        look="plain"
        label={text.apps.delete}
        describedAs={`${text.apps.delete}: ${app.name}`}
        consequence={text.apps.deleteConfirm(app.name)}
        action={remove}
      />
    </>
  );
}
