import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import { call } from "../../api/client";
import type { InstallationBody, SelfTestBody } from "../../../generated/schema";
import { Button, buttonLook } from "../../ui/button";
import { ErrorNote } from "../../ui/error-note";
import { Loading } from "../../ui/loading";
import { Page, UpLink } from "../../ui/page";
import { Steps } from "../../ui/steps";
import { AwaitedPage } from "../awaited";
import { ScanReport } from "../catalogue/scan-report";
import { Accounts, useIsConnected } from "../installation/accounts";
import { Problems } from "../installation/problems";
import { connectionsQuery, installationQuery } from "../queries";
import { nameOf } from "../states";
import { text } from "../text";
import { lacksOnlyKeys, SelfTestOutcome } from "./self-test";

/** What is left to do after a plugin was installed: accounts, and the test that makes the light green. */
export function FinishPage() {
  const { installationId } = useParams({ from: "/_app/plugins/installed/$installationId/finish" });
  const query = useQuery(installationQuery(installationId));
  return (
    <AwaitedPage query={query} title={text.installed.title} up="/plugins/installed">
      {(installation) => (
        <Page
          title={text.install.title(nameOf(installation))}
          up={<UpLink to={`/plugins/installed/${installation.id}`}>{nameOf(installation)}</UpLink>}
        >
          <div className="max-w-3xl">
            <Finish installation={installation} />
          </div>
        </Page>
      )}
    </AwaitedPage>
  );
}

function Finish({ installation }: { installation: InstallationBody }) {
  const isConnected = useIsConnected(installation);
  // A plugin that cannot do without its account would only fail.
  const isWaiting = installation.problems.some(({ code }) => code === "consent-missing");
  const test = useSelfTest(installation, isWaiting);
  const isDone = test.data !== undefined && (test.data.passed || lacksOnlyKeys(installation.kind, test.data));
  const { data: accounts = [] } = useQuery(connectionsQuery(installation.id));
  return (
    <Steps
      steps={[
        { title: text.install.permissions, state: "done" },
        { title: text.install.settings, state: "done" },
        ...(accounts.length > 0
          ? [
              {
                title: text.install.accounts,
                state: isConnected ? ("done" as const) : ("current" as const),
                children: <Accounts installation={installation} returnTo={`/plugins/installed/${installation.id}/finish`} />,
              },
            ]
          : []),
        {
          title: text.install.test,
          state: isWaiting ? "coming" : isDone ? "done" : "current",
          children: <Test installation={installation} test={test} />,
        },
      ]}
    />
  );
}

/** The test, which runs by itself once; it may be run again. */
function useSelfTest({ id, problems }: InstallationBody, isWaiting: boolean) {
  const test = useMutation({
    mutationFn: () => call("post", "/api/installations/{id}/self-test", { parameters: { id } }),
  });
  const begin = useEffectEvent(() => test.mutate());
  // Again when it lacks something else than before.
  const lacks = problems.map(({ place }) => place).join(" ");
  useEffect(() => {
    if (!isWaiting) begin();
  }, [id, lacks, isWaiting]);
  return test;
}

interface TestProps {
  installation: InstallationBody;
  test: ReturnType<typeof useSelfTest>;
}

function Test({ installation, test }: TestProps) {
  return (
    <div className="grid gap-4">
      {test.isPending && <Loading lines={3} />}
      <ErrorNote error={test.error} />
      {test.data !== undefined && <Tested installation={installation} report={test.data} />}
      <div className="flex flex-wrap gap-2">
        <Button isBusy={test.isPending} onClick={() => test.mutate()}>
          {text.install.testAgain}
        </Button>
        <Link
          to="/plugins/installed/$installationId"
          params={{ installationId: installation.id }}
          className={buttonLook(test.data?.passed ? "primary" : "quiet")}
        >
          {text.install.toInstallation}
        </Link>
      </div>
    </div>
  );
}

function Tested({ installation, report }: { installation: InstallationBody; report: SelfTestBody }) {
  return (
    <>
      <SelfTestOutcome report={report} kind={installation.kind} />
      {!lacksOnlyKeys(installation.kind, report) && <ScanReport checks={report.checks} />}
      <Problems installation={installation} />
    </>
  );
}
