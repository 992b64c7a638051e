import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useIsAtLeast } from "../../api/standing";
import type { PluginDetailBody, VersionBody } from "../../../generated/schema";
import { count } from "../../format/format";
import { isolated } from "../../text/isolate";
import { plural } from "../../text/plural";
import { buttonLook } from "../../ui/button";
import { Figure, Figures } from "../../ui/figure";
import { Page, Panel, Section, UpLink } from "../../ui/page";
import { AwaitedPage } from "../awaited";
import { PermissionSheet } from "../permission-sheet";
import { pluginQuery } from "../queries";
import { kindName, Trust } from "../states";
import { text } from "../text";
import { Versions } from "./versions";

/** What a plugin is, before anybody installs it. */
export function PluginPage() {
  const { namespace, name } = useParams({ from: "/_app/plugins/$namespace/$name" });
  const query = useQuery(pluginQuery(`${namespace}/${name}`));
  return (
    <AwaitedPage query={query} title={`${namespace}/${name}`} up="/plugins">
      {(detail) => <Detail detail={detail} />}
    </AwaitedPage>
  );
}

function Detail({ detail: { plugin, versions, figures } }: { detail: PluginDetailBody }) {
  const mayInstall = useIsAtLeast("admin");
  const [namespace = "", name = ""] = plugin.id.split("/");
  const version = versions.find(({ digest }) => digest === plugin.digest);
  return (
    <Page
      title={plugin.name}
      intro={isolated(plugin.description)}
      aside={<Trust state={plugin.state} />}
      actions={
        mayInstall ? (
          <Link to="/plugins/$namespace/$name/install" params={{ namespace, name }} className={buttonLook("primary")}>
            {text.plugin.install}
          </Link>
        ) : undefined
      }
      up={<UpLink to="/plugins">{text.catalogue.title}</UpLink>}
    >
      {!mayInstall && <p className="text-sm text-muted">{text.plugin.onlyAdmins}</p>}
      <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 gap-8">
          <Section title={text.plugin.permissions} intro={text.plugin.permissionsIntro}>
            <PermissionSheet permissions={plugin.permissions} plugin={plugin} secrets={plugin.secrets} />
          </Section>
          <Section title={text.plugin.versions} isBare>
            <Versions versions={versions} secrets={plugin.secrets} />
          </Section>
        </div>
        <aside aria-label={text.plugin.about} className="grid gap-4">
          <Panel>
            <Reliability figures={figures} />
          </Panel>
          <Panel>
            <About plugin={plugin} version={version} />
          </Panel>
        </aside>
      </div>
    </Page>
  );
}

function Reliability({ figures }: Pick<PluginDetailBody, "figures">) {
  const { calls_30d: calls, faults_30d: faults, installs } = figures;
  return (
    <div className="grid gap-3">
      <h2 className="font-semibold">{text.plugin.reliability}</h2>
      <Figures>
        <Figure label={text.plugin.installs} value={count(installs)} />
        <Figure label={text.plugin.calls} value={count(calls)} />
        <Figure label={text.plugin.faults} value={count(faults)} />
      </Figures>
      <p className="text-sm text-muted">{inWords(faults, calls)}</p>
    </div>
  );
}

function inWords(faults: number, calls: number): string {
  if (calls === 0) return text.plugin.neverCalled;
  if (faults === 0) return text.plugin.noFaults;
  return text.plugin.faultShare(plural(text.plugin.perThousand, Math.ceil((faults * 1000) / calls)));
}

function About({ plugin, version }: { plugin: PluginDetailBody["plugin"]; version: VersionBody | undefined }) {
  const signature = version?.signed_by;
  return (
    <dl className="grid gap-3 text-sm">
      <Fact name={text.plugin.kind} value={kindName(plugin.kind)} />
      <Fact name={text.plugin.publisher} value={plugin.publisher === "" ? plugin.id.split("/")[0] : plugin.publisher} />
      <Fact name={text.plugin.id} value={plugin.id} isCode />
      <Fact name={text.plugin.version} value={plugin.version} isCode />
      <Fact name={text.plugin.licence} value={plugin.license} isCode />
      <Fact name={text.plugin.price} value={priceOf(plugin.pricing)} />
      <Fact
        name={text.plugin.signature}
        value={signature == null ? text.plugin.signedByHost : signature}
        isCode={signature != null}
      />
      <Fact name={text.plugin.digest} value={plugin.digest} isCode />
    </dl>
  );
}

function Fact({ name, value, isCode = false }: { name: string; value: string | undefined; isCode?: boolean }) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="font-medium break-all">{isCode ? <code dir="ltr">{value}</code> : value}</dd>
    </div>
  );
}

/** `free`, `per-tenant-month`, `usage(minutes)` in words. */
function priceOf(pricing: string): string {
  const [, metric] = /^usage\((.*)\)$/.exec(pricing) ?? [];
  if (metric !== undefined) return text.plugin.byUsage(metric);
  return text.plugin.pricing[pricing] ?? pricing;
}
