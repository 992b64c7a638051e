/** An installation's log as it is written: Server-Sent Events, read with the token of this page. */

import { signedIn } from "../../api/client";
import type { LogLineBody } from "../../../generated/schema";

/** So many lines are kept, as on the server. */
const MOST = 1000;

/** Lines that came again, or late, are told by their numbers; after a restart of the server these begin anew. */
export function withLines(lines: readonly LogLineBody[], more: readonly LogLineBody[]): readonly LogLineBody[] {
  const kept = [...lines];
  for (const line of more) {
    const last = kept.at(-1);
    const isKnown = last !== undefined && line.number <= last.number;
    // A line with a lower number that was written later is of another run.
    if (isKnown && Date.parse(line.at) <= Date.parse(last.at)) continue;
    kept.push(line);
  }
  return kept.slice(-MOST);
}

/** How many lines are missing before each one: the reader was too slow for them. */
export function gapBefore(line: LogLineBody, before: LogLineBody | undefined): number {
  return before === undefined ? 0 : Math.max(0, line.number - before.number - 1);
}

/**
 * Takes the events out of what arrived, and gives back what is not whole yet.
 *
 * HTML, 9.2.6: an empty line ends an event; `data` lines belong together. Comments keep the connection alive.
 */
export function linesIn(arrived: string): { lines: LogLineBody[]; rest: string } {
  const blocks = arrived.replaceAll("\r\n", "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  return { lines: blocks.flatMap(lineOf), rest };
}

function lineOf(block: string): LogLineBody[] {
  const data = block
    .split("\n")
    .filter((field) => field.startsWith("data:"))
    .map((field) => field.slice(5).replace(/^ /, ""));
  if (data.length === 0) return [];
  try {
    return [JSON.parse(data.join("\n")) as LogLineBody];
  } catch {
    return [];
  }
}

interface Follow {
  installation: string;
  signal: AbortSignal;
  /** The number of the last line that is known; 0 for all that are kept. */
  after: number;
  onOpen: () => void;
  onLines: (lines: LogLineBody[]) => void;
}

/**
 * Reads the log until the server ends it, which it does after a quarter of an hour.
 *
 * # Errors
 * `ApiError` where the server refuses or goes away.
 */
export async function followLog({ installation, signal, after, onOpen, onLines }: Follow): Promise<void> {
  const address = `/api/installations/${installation}/logs/stream?after=${after}`;
  const answer = await signedIn(address, { signal, headers: { Accept: "text/event-stream" } });
  if (answer.body === null) return;
  onOpen();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const taken = linesIn(rest + piece.value);
    rest = taken.rest;
    if (taken.lines.length > 0) onLines(taken.lines);
  }
}
