/** The frame of the pages about one installation. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client";
import { useIsAtLeast } from "../../api/standing";
import type { InstallationBody } from "../../../generated/schema";
import { useEvent } from "../../live/realtime";
import { Button } from "../../ui/button";
import { Page, Tab, Tabs, UpLink } from "../../ui/page";
import { notifyError } from "../../ui/toast";
import { AwaitedPage } from "../awaited";
import { installationQuery, useInstallationChange } from "../queries";
import { InstallationState, nameOf } from "../states";
import { text as plugins } from "../text";
import { text } from "./text";

/** Heading, switch and tabs around what `children` shows of the installation that the address names. */
export function InstallationFrame({ children }: { children: (installation: InstallationBody) => ReactNode }) {
  const { installationId } = useParams({ strict: false });
  const query = useQuery(installationQuery(installationId ?? ""));
  const client = useQueryClient();
  // A fault changes figures, the breaker, and sometimes whether it is switched on.
  useEvent("plugin.error", (body) => {
    if ((body as { installation_id?: string }).installation_id !== installationId) return;
    void client.invalidateQueries({ queryKey: ["installations"] });
  });
  return (
    <AwaitedPage query={query} title={plugins.installed.title} up="/plugins/installed">
      {(installation) => (
        <Page
          title={nameOf(installation)}
          intro={<Subtitle installation={installation} />}
          aside={<InstallationState state={installation.state} />}
          actions={<OnOff installation={installation} />}
          up={<UpLink to="/plugins/installed">{plugins.installed.title}</UpLink>}
          tabs={
            <Tabs label={nameOf(installation)}>
              {tabs.map(({ path, name }) => (
                <Tab key={path} to={`/plugins/installed/${installation.id}${path}`}>
                  {text.tabs[name]}
                </Tab>
              ))}
            </Tabs>
          }
        >
          {children(installation)}
        </Page>
      )}
    </AwaitedPage>
  );
}

const tabs = [
  { path: "", name: "overview" },
  { path: "/configuration", name: "configuration" },
  { path: "/permissions", name: "permissions" },
  { path: "/activity", name: "activity" },
  { path: "/log", name: "log" },
  { path: "/versions", name: "versions" },
] as const;

function Subtitle({ installation: { plugin, plugin_name, version, development } }: { installation: InstallationBody }) {
  return (
    <>
      {plugin_name} <code dir="ltr">{version}</code> · <code dir="ltr">{plugin}</code>
      {development && ` · ${text.development}`}
    </>
  );
}

/** On or off with one press, also in the middle of a show. */
function OnOff({ installation: { id, enabled, kind } }: { installation: InstallationBody }) {
  const mayChange = useIsAtLeast("admin");
  const change = useInstallationChange(
    async (isOn: boolean) => {
      const path = isOn ? "/api/installations/{id}/enable" : "/api/installations/{id}/disable";
      return (await call("post", path, { parameters: { id } })).installation;
    },
    ({ enabled }) => (enabled ? text.onOff.isOn : text.onOff.isOff),
  );
  if (!mayChange) return null;
  const toggle = () => change.mutate(!enabled, { onError: notifyError });
  return (
    <div className="grid max-w-xs justify-items-start gap-1 sm:justify-items-end sm:text-end">
      <Button look={enabled ? "danger" : "primary"} isBusy={change.isPending} onClick={toggle} aria-describedby="on-off-means">
        {enabled ? text.onOff.off : text.onOff.on}
      </Button>
      <p id="on-off-means" className="text-xs text-muted">
        {enabled ? text.onOff.offMeans[kind] : text.onOff.onMeans}
      </p>
    </div>
  );
}
