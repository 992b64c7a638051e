/** Faults of plugins since this page was loaded, newest first, until they are put aside. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEvent } from "./realtime";

/** The body of `plugin.error`. */
export interface Fault {
  installation_id: string;
  plugin: string;
  code: string;
  message: string;
  at: string;
  /** Whether the plugin was switched off for it. */
  is_disabled: boolean;
}

const MOST = 20;
const queryKey = ["plugin-faults"];

/** `faults` with one more; a plugin that fails again takes the place of its former fault. */
export function withFault(faults: readonly Fault[], fault: Fault): Fault[] {
  const isSame = ({ installation_id, code }: Fault) => installation_id === fault.installation_id && code === fault.code;
  return [fault, ...faults.filter((one) => !isSame(one))].slice(0, MOST);
}

/** Collects faults for as long as the calling component is shown. */
export function useFaultCollection() {
  const client = useQueryClient();
  useEvent("plugin.error", (body) => {
    client.setQueryData(queryKey, (faults: Fault[] | undefined) => withFault(faults ?? [], body as Fault));
  });
}

export function useFaults(): { faults: readonly Fault[]; putAside: (fault: Fault) => void } {
  const client = useQueryClient();
  const { data = [] } = useQuery<Fault[]>({
    queryKey,
    queryFn: () => client.getQueryData<Fault[]>(queryKey) ?? [],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  const putAside = (fault: Fault) =>
    client.setQueryData(queryKey, (faults: Fault[] | undefined) => faults?.filter((one) => one !== fault));
  return { faults: data, putAside };
}
