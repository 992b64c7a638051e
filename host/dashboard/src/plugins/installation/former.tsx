import { useQuery } from "@tanstack/react-query";
import { ApiError, call } from "../../api/client";
import { useIsAtLeast } from "../../api/standing";
import type { FormerPackageBody, InstallationBody } from "../../../generated/schema";
import { Button } from "../../ui/button";
import { ConfirmButton } from "../../ui/confirm";
import { ErrorNote } from "../../ui/error-note";
import { Loaded } from "../../ui/loading";
import { Moment } from "../../ui/moment";
import { Section } from "../../ui/page";
import { formerQuery, useInstallationChange } from "../queries";
import { text } from "./text";

/** The packages that ran before, each with the way back. */
export function Former({ installation }: { installation: InstallationBody }) {
  const former = useQuery(formerQuery(installation.id));
  return (
    <Section title={text.former.title} intro={text.former.intro}>
      <Loaded query={former}>
        {(packages) =>
          packages.length === 0 ? (
            <p className="text-muted">{text.former.empty}</p>
          ) : (
            <ul className="grid">
              {packages.map((one) => (
                <FormerPackage key={one.digest} installation={installation} former={one} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

function FormerPackage({ installation: { id }, former }: { installation: InstallationBody; former: FormerPackageBody }) {
  const mayChange = useIsAtLeast("admin");
  const change = useInstallationChange(
    async (force: boolean) =>
      (
        await call("post", "/api/installations/{id}/rollback", {
          parameters: { id },
          body: { digest: former.digest, force },
        })
      ).installation,
    ({ version }) => text.former.done(version),
  );
  const losesState = change.error instanceof ApiError && change.error.code === "STATE_SCHEMA";
  return (
    <li className="grid gap-2 border-t border-line py-3 first:border-t-0 first:pt-0">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div>
          <p className="font-semibold">
            <code dir="ltr" className="font-sans">
              {former.version}
            </code>
          </p>
          <p className="text-sm text-muted">
            {text.former.until} <Moment at={former.replaced_at} /> · {text.former.by[former.replaced_by] ?? text.former.byPerson}
          </p>
        </div>
        {mayChange && (
          <Button
            isBusy={change.isPending}
            onClick={() => change.mutate(false)}
            aria-label={text.former.goBackTo(former.version)}
          >
            {text.former.goBack}
          </Button>
        )}
      </div>
      <ErrorNote error={change.error} />
      {losesState && (
        <ConfirmButton
          label={text.former.goBackAnyway}
          consequence={text.former.losesState}
          action={() => change.mutateAsync(true)}
        />
      )}
    </li>
  );
}
