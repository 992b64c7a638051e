import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client";
import type { InstallationBody, PluginBody } from "../../../generated/schema";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Loaded } from "../../ui/loading";
import { Section } from "../../ui/page";
import { removeWithUndo, useLeaving } from "../../ui/toast";
import { InstallationState, nameOf } from "../states";
import { trialsQuery, type Trial } from "./queries";
import { text } from "./text";

/** What is tried out here before it is published. */
export function Trials() {
  const query = useQuery(trialsQuery);
  const leaving = useLeaving();
  return (
    <Section title={text.trials.title} intro={text.trials.intro} isBare>
      <Loaded query={query}>
        {(trials) => {
          const shown = trials.filter(({ plugin }) => !leaving.has(`trial ${plugin}`));
          return shown.length === 0 ? (
            <Empty title={text.trials.empty} hint={text.trials.emptyHint} />
          ) : (
            <ul className="grid gap-3">
              {shown.map((trial) => (
                <OneTrial key={trial.plugin} trial={trial} />
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Section>
  );
}

function OneTrial({ trial: { plugin, name, listed, installations } }: { trial: Trial }) {
  const client = useQueryClient();
  const forget = () =>
    removeWithUndo(`trial ${plugin}`, {
      message: text.trials.forgotten(name),
      commit: async ({ keepalive }) => {
        const [namespace = "", last = ""] = plugin.split("/");
        const parameters = { namespace, name: last };
        try {
          await call("delete", "/api/plugins/{namespace}/{name}/development", { parameters, keepalive });
        } finally {
          await client.invalidateQueries({ queryKey: ["plugins"] });
        }
      },
    });
  return (
    <li className="grid gap-3 rounded-lg border border-line bg-surface p-4 sm:p-5">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div>
          <h3 className="font-semibold">{name}</h3>
          <p className="text-sm text-muted">
            <code dir="ltr">
              {plugin} {listed?.version ?? ""}
            </code>
          </p>
        </div>
        <Button disabled={installations.length > 0} onClick={forget} aria-label={text.trials.forgetOf(name)}>
          {text.trials.forget}
        </Button>
      </div>
      {installations.length > 0 ? (
        <>
          <ul className="grid gap-2">
            {installations.map((installation) => (
              <Running key={installation.id} installation={installation} />
            ))}
          </ul>
          <p className="text-sm text-muted">{text.trials.inUse}</p>
        </>
      ) : (
        listed !== undefined && <NotRunning plugin={listed} />
      )}
    </li>
  );
}

function Running({ installation }: { installation: InstallationBody }) {
  const params = { installationId: installation.id };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
      <InstallationState state={installation.state} />
      <Link to="/plugins/installed/$installationId" params={params} className="font-medium text-accent underline underline-offset-4">
        {nameOf(installation)} <code dir="ltr">{installation.version}</code>
      </Link>
      <Link to="/plugins/installed/$installationId/log" params={params} className="text-accent underline underline-offset-4">
        {text.trials.log}
      </Link>
    </li>
  );
}

function NotRunning({ plugin: { id } }: { plugin: PluginBody }) {
  const [namespace = "", name = ""] = id.split("/");
  return (
    <p className="text-sm">
      {text.trials.notRunning}{" "}
      <Link
        to="/plugins/$namespace/$name/install"
        params={{ namespace, name }}
        className="font-medium text-accent underline underline-offset-4"
      >
        {text.upload.install}
      </Link>
    </p>
  );
}
