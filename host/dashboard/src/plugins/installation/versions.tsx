import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useIsAtLeast } from "../../api/standing";
import { call } from "../../api/client";
import type { InstallationBody } from "../../../generated/schema";
import { Checkbox, Select } from "../../ui/field";
import { Loaded } from "../../ui/loading";
import { Section } from "../../ui/page";
import { notifyError } from "../../ui/toast";
import { text as common } from "../../ui/text";
import { upgradeQuery, useInstallationChange } from "../queries";
import { InstallationFrame } from "./frame";
import { Former } from "./former";
import { UpgradePlan } from "./upgrade-plan";
import { text } from "./text";

/** Which version runs, which one waits, and which ones there is a way back to. */
export function VersionsPage() {
  return (
    <InstallationFrame>
      {(installation) => (
        <div className="grid max-w-3xl gap-8">
          <Present installation={installation} />
          <Former installation={installation} />
          <Automatic installation={installation} />
        </div>
      )}
    </InstallationFrame>
  );
}

function Present({ installation }: { installation: InstallationBody }) {
  const plan = useQuery(upgradeQuery(installation.id));
  const [namespace = "", name = ""] = installation.plugin.split("/");
  return (
    <Section title={text.upgrade.title}>
      <Loaded query={plan}>
        {(upgrade) =>
          upgrade === null ? (
            <p>
              {text.upgrade.newest(installation.version)}{" "}
              <Link
                to="/plugins/$namespace/$name"
                params={{ namespace, name }}
                className="font-medium text-accent underline underline-offset-4"
              >
                {text.upgrade.allVersions}
              </Link>
            </p>
          ) : (
            <UpgradePlan key={upgrade.to.digest} installation={installation} plan={upgrade} />
          )
        }
      </Loaded>
    </Section>
  );
}

const rings = [1, 10, 100] as const;

/** Whether new versions come by themselves, and how early. */
function Automatic({ installation }: { installation: InstallationBody }) {
  const mayChange = useIsAtLeast("admin");
  const change = useInstallationChange(
    async (body: { auto_upgrade?: boolean; ring?: number | null }) =>
      (await call("patch", "/api/installations/{id}", { parameters: { id: installation.id }, body })).installation,
    () => common.saved,
  );
  const save = (body: Parameters<typeof change.mutate>[0]) => change.mutate(body, { onError: notifyError });
  return (
    <Section title={text.automatic.title}>
      <div className="grid gap-5">
        <Checkbox
          label={text.automatic.label}
          hint={text.automatic.hint}
          checked={installation.auto_upgrade}
          disabled={!mayChange || change.isPending}
          onChange={(event) => save({ auto_upgrade: event.target.checked })}
        />
        <Select
          label={text.automatic.ring}
          hint={text.automatic.ringHint}
          value={installation.ring_chosen ? String(installation.ring) : ""}
          disabled={!mayChange || change.isPending || !installation.auto_upgrade}
          onChange={({ target }) => save({ ring: target.value === "" ? null : Number(target.value) })}
        >
          <option value="">{text.automatic.ringByChance}</option>
          {rings.map((ring) => (
            <option key={ring} value={String(ring)}>
              {text.automatic.rings[ring]}
            </option>
          ))}
        </Select>
      </div>
    </Section>
  );
}
