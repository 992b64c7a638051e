/** What an installation's plugin asks for in secrets, by the version that it runs. */

import { useQuery } from "@tanstack/react-query";
import type { InstallationBody, PluginSecretBody } from "../../../generated/schema";
import { pluginQuery, versionQuery } from "../queries";

/** Undefined until it is known. A version that is not in the catalogue any more is told by the newest one. */
export function useSecrets({ plugin, version, digest }: InstallationBody): readonly PluginSecretBody[] | undefined {
  const newest = useQuery(pluginQuery(plugin));
  const isNewest = newest.data?.plugin.digest === digest;
  const own = useQuery({ ...versionQuery(plugin, version), enabled: newest.data !== undefined && !isNewest, retry: false });
  if (isNewest) return newest.data?.plugin.secrets;
  return own.data?.plugin.secrets ?? (own.isError ? newest.data?.plugin.secrets : undefined);
}
