import { useState } from "react";
import { call } from "../../api/client";
import { useIsAtLeast } from "../../api/standing";
import type { InstallationBody } from "../../../generated/schema";
import { Actions } from "../../ui/actions";
import { Button } from "../../ui/button";
import { ErrorNote } from "../../ui/error-note";
import { Section } from "../../ui/page";
import { text as common } from "../../ui/text";
import { PermissionSheet } from "../permission-sheet";
import { useInstallationChange } from "../queries";
import { InstallationFrame } from "./frame";
import { useSecrets } from "./secrets";
import { text } from "./text";

/** What an installation may do; each line can be taken back at once. */
export function PermissionsPage() {
  return (
    <InstallationFrame>
      {(installation) => <Grant key={installation.grant.join(" ")} installation={installation} />}
    </InstallationFrame>
  );
}

function Grant({ installation }: { installation: InstallationBody }) {
  const mayChange = useIsAtLeast("admin");
  const secrets = useSecrets(installation);
  const [grant, setGrant] = useState<string[]>(installation.grant);
  const change = useInstallationChange(
    async () =>
      (await call("patch", "/api/installations/{id}", { parameters: { id: installation.id }, body: { grant } })).installation,
    () => common.saved,
  );
  // The keys that lines were granted by may be more than the lines name, such as a larger memory.
  const granted = [...grant, ...installation.permissions.filter(({ granted }) => granted).flatMap(({ keys }) => keys)];
  const isChanged = [...grant].sort().join(" ") !== [...installation.grant].sort().join(" ");
  return (
    <div className="max-w-3xl">
      <Section title={text.permissions.title} intro={mayChange ? text.permissions.intro : text.permissions.introReader}>
        <div className="grid gap-5">
          <PermissionSheet
            permissions={installation.permissions}
            {...(secrets !== undefined && { secrets })}
            grant={isChanged ? grant : granted}
            {...(mayChange && { onGrant: setGrant })}
          />
          <ErrorNote error={change.error} />
          {mayChange && installation.permissions.length > 0 && (
            <Actions>
              <Button
                look="primary"
                disabled={!isChanged}
                isBusy={change.isPending}
                onClick={() => change.mutate(undefined)}
              >
                {common.save}
              </Button>
            </Actions>
          )}
        </div>
      </Section>
    </div>
  );
}
