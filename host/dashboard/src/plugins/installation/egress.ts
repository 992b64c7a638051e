/** What left the platform, over all days that are kept. */

import type { ActivityBody, EgressBody } from "../../../generated/schema";

/**
 * One row a host, the busiest first. The days hold what is kept; what happened since the last keeping stands in `live`
 * alone, so a host that only `live` knows is told as well.
 */
export function egressOf({ days, live }: Pick<ActivityBody, "days" | "live">): EgressBody[] {
  const hosts = new Map<string, EgressBody>();
  for (const { egress } of days) egress.forEach((one) => hosts.set(one.host, sum(hosts.get(one.host), one)));
  for (const one of live.egress) if (!hosts.has(one.host)) hosts.set(one.host, one);
  return [...hosts.values()].sort((a, b) => b.bytes_out - a.bytes_out || a.host.localeCompare(b.host));
}

function sum(one: EgressBody | undefined, other: EgressBody): EgressBody {
  if (one === undefined) return other;
  return {
    host: one.host,
    requests: one.requests + other.requests,
    bytes_out: one.bytes_out + other.bytes_out,
    bytes_in: one.bytes_in + other.bytes_in,
    secrets: [...new Set([...one.secrets, ...other.secrets])].sort(),
  };
}
