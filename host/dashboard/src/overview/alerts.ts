/** What wants attention, gathered from everything that runs; the worst first. */

import type { Stream } from "../api/types";
import type { Fault } from "../live/faults";
import { inPlainWords } from "../live/reasons";

export interface Alert {
  key: string;
  tone: "bad" | "wait";
  /** The source, or the plugin, that it is about. */
  about: string;
  /** The destination, where it is about one. */
  destination?: string;
  message: string;
  /** What to do about it. */
  todo?: string;
  sourceId?: string;
  /** The fault that it tells of; such an alert stays until it is put aside. */
  fault?: Fault;
}

type NameOf = (destination: Stream["destinations"][number]) => string;

export function alertsOf(streams: readonly Stream[], faults: readonly Fault[], nameOf: NameOf): Alert[] {
  const alerts = [...streams.flatMap((stream) => [...ofSession(stream), ...ofDestinations(stream, nameOf)]), ...faults.map(ofFault)];
  return alerts.toSorted((one, other) => rank(one) - rank(other));
}

const rank = ({ tone }: Alert) => (tone === "bad" ? 0 : 1);

function ofSession(stream: Stream): Alert[] {
  if (stream.state === "offline") return [];
  const about = { about: stream.name, sourceId: stream.id, tone: "wait" as const };
  const vanished = { code: "publisher-vanished", message: "" };
  const all = stream.state === "reconnecting" ? [vanished, ...stream.warnings] : stream.warnings;
  return all.map((warning) => {
    const { what, todo } = inPlainWords(warning);
    return { ...about, key: `${stream.id} ${warning.code}`, message: what, ...(todo !== undefined && { todo }) };
  });
}

function ofDestinations(stream: Stream, nameOf: NameOf): Alert[] {
  return stream.destinations.flatMap((destination) => {
    const { reason, is_active, state, id } = destination;
    if (reason == null || !is_active || stream.state === "offline") return [];
    const { what, todo } = inPlainWords(reason);
    return {
      key: `${id} ${reason.code}`,
      tone: state === "failed" ? "bad" : "wait",
      about: stream.name,
      destination: nameOf(destination),
      message: what,
      ...(todo !== undefined && { todo }),
      sourceId: stream.id,
    } satisfies Alert;
  });
}

function ofFault(fault: Fault): Alert {
  const { what, todo, said } = inPlainWords(fault);
  return {
    key: `${fault.installation_id} ${fault.code}`,
    tone: fault.is_disabled ? "bad" : "wait",
    about: fault.plugin,
    message: said ?? what,
    ...(todo !== undefined && { todo }),
    fault,
  };
}
