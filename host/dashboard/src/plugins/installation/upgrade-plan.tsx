import { useState } from "react";
import { call } from "../../api/client";
import { useIsAtLeast } from "../../api/standing";
import type { InstallationBody, UpgradeBody } from "../../../generated/schema";
import { sentence } from "../../format/format";
import { isolated } from "../../text/isolate";
import { plural } from "../../text/plural";
import { Actions } from "../../ui/actions";
import { Button } from "../../ui/button";
import { ErrorNote } from "../../ui/error-note";
import { Checkbox } from "../../ui/field";
import { Tally } from "../../ui/tally";
import { PermissionSheet } from "../permission-sheet";
import { useInstallationChange } from "../queries";
import { readable } from "../schema-form/words";
import { useSecrets } from "./secrets";
import { text } from "./text";

interface Props {
  installation: InstallationBody;
  plan: UpgradeBody;
}

/** What an upgrade changes, and nothing else; and the button that makes it. */
export function UpgradePlan({ installation, plan }: Props) {
  const mayChange = useIsAtLeast("admin");
  const secrets = useSecrets(installation);
  const [grant, setGrant] = useState(plan.permissions.flatMap(({ keys }) => keys));
  const [isForced, setIsForced] = useState(false);
  const upgrade = useInstallationChange(
    async () =>
      (
        await call("post", "/api/installations/{id}/upgrade", {
          parameters: { id: installation.id },
          body: { digest: plan.to.digest, grant, force: isForced },
        })
      ).installation,
    ({ version }) => text.upgrade.done(version),
  );
  const mustBeForced = plan.config_errors.length > 0 || plan.missing_secrets.length > 0 || plan.replay.outcome === "failed";
  return (
    <div className="grid gap-5">
      <p className="text-lg font-semibold">
        {text.upgrade.fromTo} <code dir="ltr">{plan.from.version}</code>{" "}
        <span aria-hidden className="inline-block rtl:-scale-x-100">
          →
        </span>{" "}
        <code dir="ltr">{plan.to.version}</code>
      </p>
      {plan.changelog !== "" && <p className="whitespace-pre-line">{isolated(plan.changelog)}</p>}
      <PermissionSheet
        permissions={plan.permissions}
        previous={[]}
        {...(secrets !== undefined && { secrets })}
        grant={grant}
        {...(mayChange && { onGrant: setGrant })}
      />
      <Findings plan={plan} />
      {mayChange && mustBeForced && (
        <Checkbox
          label={text.upgrade.force}
          hint={text.upgrade.forceHint}
          checked={isForced}
          onChange={(event) => setIsForced(event.target.checked)}
        />
      )}
      <ErrorNote error={upgrade.error} />
      {mayChange && (
        <Actions>
          <Button
            look="primary"
            isBusy={upgrade.isPending}
            disabled={mustBeForced && !isForced}
            onClick={() => upgrade.mutate(undefined)}
          >
            {plan.permissions.length > 0 ? text.upgrade.agree : text.upgrade.now}
          </Button>
        </Actions>
      )}
      <p className="text-sm text-muted">{text.upgrade.running}</p>
    </div>
  );
}

function Findings({ plan }: { plan: UpgradeBody }) {
  const { config_errors: errors, missing_secrets: missing, replay, state_schema: state } = plan;
  return (
    <ul className="grid gap-2 text-sm">
      <li>
        <Tally state="config" tone={errors.length === 0 ? "good" : "bad"}>
          {errors.length === 0 ? text.upgrade.configFits : plural(text.upgrade.configErrors, errors.length)}
        </Tally>
        <ul className="ms-5 grid gap-0.5">
          {errors.map(({ pointer, message }) => (
            <li key={`${pointer} ${message}`} className="wrap-anywhere">
              {pointer !== "" && <code dir="ltr">{pointer}</code>} {isolated(sentence(message))}
            </li>
          ))}
        </ul>
      </li>
      {missing.length > 0 && (
        <li>
          <Tally state="secrets" tone="bad">
            {text.upgrade.missingSecrets}
          </Tally>{" "}
          {missing.map(readable).join(", ")}
        </li>
      )}
      <li>
        <Tally state="replay" tone={replayTones[replay.outcome] ?? "quiet"}>
          {replay.outcome === "passed" ? plural(text.upgrade.replayPassed, replay.events) : text.upgrade.replay[replay.outcome]}
        </Tally>
        {replay.message != null && <p className="ms-5">{isolated(sentence(replay.message))}</p>}
      </li>
      {state != null && (
        <li>
          <Tally state="state" tone="wait">
            {text.upgrade.state}
          </Tally>
        </li>
      )}
    </ul>
  );
}

const replayTones: Record<string, "good" | "bad"> = { passed: "good", failed: "bad" };
