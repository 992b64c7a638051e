import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client";
import { useIsAtLeast } from "../../api/standing";
import type { InstallationBody, SelfTestBody } from "../../../generated/schema";
import { sentence } from "../../format/format";
import { isolated } from "../../text/isolate";
import { Button } from "../../ui/button";
import { ErrorNote } from "../../ui/error-note";
import { Loaded } from "../../ui/loading";
import { Section } from "../../ui/page";
import { removeWithUndo } from "../../ui/toast";
import { ScanReport } from "../catalogue/scan-report";
import { SelfTestOutcome } from "../install/self-test";
import { activityQuery, upgradeQuery } from "../queries";
import { nameOf } from "../states";
import { InstallationFrame } from "./frame";
import { Breaker, LastFault, LiveMeter } from "./meter";
import { Problems } from "./problems";
import { text } from "./text";

/** How an installation is doing and what to do about it. */
export function OverviewPage() {
  return <InstallationFrame>{(installation) => <Overview installation={installation} />}</InstallationFrame>;
}

function Overview({ installation }: { installation: InstallationBody }) {
  const mayChange = useIsAtLeast("admin");
  const activity = useQuery(activityQuery(installation.id));
  return (
    <div className="grid gap-8">
      <Attention installation={installation} />
      <Section title={text.meter.title} intro={text.meter.intro}>
        <Loaded query={activity}>
          {({ live, breaker }) => (
            <div className="grid gap-6">
              <Breaker breaker={breaker} />
              <LiveMeter figures={live} />
              <LastFault fault={live.last_fault} />
            </div>
          )}
        </Loaded>
      </Section>
      {mayChange && <Test key={installation.updated_at} installation={installation} />}
      {mayChange && <Uninstall installation={installation} />}
    </div>
  );
}

/** Everything that somebody should look at. */
function Attention({ installation }: { installation: InstallationBody }) {
  const { id, state, reason } = installation;
  const upgrade = useQuery(upgradeQuery(id));
  return (
    <div className="grid gap-3 empty:hidden">
      {(state === "suspended" || state === "revoked") && (
        <div role="alert" className="rounded-md border border-bad/50 border-s-4 border-s-bad bg-bad/6 px-4 py-3 text-sm">
          <p className="font-semibold text-bad">{state === "revoked" ? text.stopped.revoked : text.stopped.suspended}</p>
          {reason !== "" && <p>{isolated(sentence(reason))}</p>}
          <p>{text.stopped.todo}</p>
        </div>
      )}
      <Problems installation={installation} />
      {upgrade.data != null && (
        <p className="flex flex-wrap items-center justify-between gap-3 rounded-md border border-line bg-sunken px-4 py-3 text-sm">
          <span>{text.upgrade.waits(upgrade.data.to.version)}</span>
          <Link
            to="/plugins/installed/$installationId/versions"
            params={{ installationId: id }}
            className="font-semibold text-accent underline underline-offset-4"
          >
            {text.upgrade.look}
          </Link>
        </p>
      )}
    </div>
  );
}

function Test({ installation }: { installation: InstallationBody }) {
  const [isBusy, setIsBusy] = useState(false);
  const [report, setReport] = useState<SelfTestBody>();
  const [error, setError] = useState<unknown>();
  const run = () => {
    setIsBusy(true);
    setError(undefined);
    call("post", "/api/installations/{id}/self-test", { parameters: { id: installation.id } })
      .then(setReport, setError)
      .finally(() => setIsBusy(false));
  };
  return (
    <Section
      title={text.test.title}
      intro={text.test.intro}
      actions={
        <Button isBusy={isBusy} onClick={run}>
          {text.test.run}
        </Button>
      }
      isBare
    >
      <ErrorNote error={error} />
      {report !== undefined && (
        <div className="grid gap-4">
          <SelfTestOutcome report={report} kind={installation.kind} />
          <ScanReport checks={report.checks} />
        </div>
      )}
    </Section>
  );
}

function Uninstall({ installation }: { installation: InstallationBody }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const uninstall = () => {
    removeWithUndo(installation.id, {
      message: text.uninstall.done(nameOf(installation)),
      commit: async ({ keepalive }) => {
        try {
          await call("delete", "/api/installations/{id}", { parameters: { id: installation.id }, keepalive });
        } finally {
          await client.invalidateQueries({ queryKey: ["installations"] });
        }
      },
    });
    void navigate({ to: "/plugins/installed" });
  };
  return (
    <Section title={text.uninstall.title} intro={text.uninstall.intro} isBare>
      <div>
        <Button look="danger" onClick={uninstall}>
          {text.uninstall.title}
        </Button>
      </div>
    </Section>
  );
}
