import type { PluginSecretBody, VersionBody } from "../../../generated/schema";
import { bytes } from "../../format/format";
import { isolated } from "../../text/isolate";
import { plural } from "../../text/plural";
import { Moment } from "../../ui/moment";
import { PermissionSheet } from "../permission-sheet";
import { Trust } from "../states";
import { text } from "../text";
import { ScanReport } from "./scan-report";

interface Props {
  versions: readonly VersionBody[];
  secrets: readonly PluginSecretBody[];
}

/** The versions of a plugin, the best first: what each brings and what it changes. */
export function Versions({ versions, secrets }: Props) {
  return (
    <ol className="grid gap-3">
      {versions.map((version) => (
        <li key={version.digest} className="grid gap-2 rounded-lg border border-line bg-surface p-4 sm:p-5">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
            <h3 className="font-semibold">
              <code dir="ltr" className="font-sans">
                {version.version}
              </code>
            </h3>
            <Trust state={version.state} />
          </div>
          {version.reason !== "" && <p className="text-sm font-medium text-bad">{isolated(version.reason)}</p>}
          {version.changelog !== "" && <p className="whitespace-pre-line">{isolated(version.changelog)}</p>}
          <p className="text-sm text-muted">
            <Moment at={version.created_at} /> · {bytes(version.size_bytes)}
          </p>
          <Changes version={version} secrets={secrets} />
          {version.scan != null && (
            <details className="text-sm">
              <summary className="min-h-6 w-fit rounded-md text-muted">{text.plugin.scan}</summary>
              <div className="mt-3">
                <ScanReport checks={version.scan} />
              </div>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}

function Changes({ version: { difference }, secrets }: { version: VersionBody; secrets: readonly PluginSecretBody[] }) {
  const { before, config_breaks, more_permissions, state_schema_before } = difference;
  if (before == null) return null;
  const isQuiet = config_breaks.length === 0 && more_permissions.length === 0 && state_schema_before == null;
  if (isQuiet) return <p className="text-sm text-muted">{text.plugin.sameAs(before)}</p>;
  return (
    <details className="text-sm">
      <summary className="min-h-6 w-fit rounded-md font-medium">{text.plugin.changesAgainst(before)}</summary>
      <div className="mt-3 grid gap-4">
        {more_permissions.length > 0 && (
          <PermissionSheet permissions={more_permissions} previous={[]} secrets={secrets} />
        )}
        {config_breaks.length > 0 && (
          <div className="grid gap-1">
            <p>{plural(text.plugin.configBreaks, config_breaks.length)}</p>
            <ul className="flex flex-wrap gap-2">
              {config_breaks.map((place) => (
                <li key={place}>
                  <code dir="ltr">{place}</code>
                </li>
              ))}
            </ul>
          </div>
        )}
        {state_schema_before != null && <p>{text.plugin.stateChanges}</p>}
      </div>
    </details>
  );
}
