/** Where the lines of a signal path run, in pixels from the corner that reading begins in. */

const CORNER = 10;

/** From one point at the start to a place at the end, as a cable hangs: level at both ends. */
export function swing(width: number, from: number, to: number): string {
  const middle = round(width / 2);
  return `M0 ${round(from)}C${middle} ${round(from)} ${middle} ${round(to)} ${round(width)} ${round(to)}`;
}

/** Down a trunk and round a corner to a place beside it. */
export function drop(width: number, trunk: number, to: number): string {
  const corner = Math.min(CORNER, to, width - trunk);
  return `M${round(trunk)} 0V${round(to - corner)}Q${round(trunk)} ${round(to)} ${round(trunk + corner)} ${round(to)}H${round(width)}`;
}

const round = (value: number) => Math.round(value * 10) / 10;

export type Way = "flowing" | "waiting" | "halted" | "idle";

/** What a line shows for the state of what it leads to: it flows only while bytes are acknowledged there. */
export function wayOf(state: string): Way {
  if (state === "live") return "flowing";
  if (state === "failed") return "halted";
  return state === "idle" || state === "off" || state === "offline" ? "idle" : "waiting";
}
