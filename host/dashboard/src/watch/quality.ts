/** What there is to choose from in the menu of qualities. */

/** One rendition of a stream, as its playlist or its picture says. */
export interface Level {
  height: number;
  bitrate: number;
  frameRate: number;
}

/** The level that the player chooses by itself. */
export const AUTOMATIC = -1;

/** A line of the menu. */
export interface Choice {
  level: number;
  /** Such as `720p`; empty where nothing is known of it. */
  name: string;
  isChosen: boolean;
}

/** Above this, the frame rate belongs to the name. */
const USUAL_RATE = 31;

/**
 * The menu: the automatic choice with what it takes at present, then every level, the best first. `measured` is the
 * height of the picture on the screen: playlists need not say one.
 */
export function choices(levels: Level[], chosen: number, playing: number, measured: number): Choice[] {
  const known = levels.map((level, index) => ({
    ...level,
    index,
    height: index === playing && measured > 0 ? measured : level.height,
  }));
  const nameOf = (level: (typeof known)[number]) => {
    if (level.height <= 0) return level.bitrate > 0 ? megabits(level.bitrate) : "";
    const rate = level.frameRate > USUAL_RATE ? String(Math.round(level.frameRate)) : "";
    const isAlone = known.filter(({ height, frameRate }) => height === level.height && frameRate === level.frameRate);
    return `${level.height}p${rate}${isAlone.length > 1 ? ` · ${megabits(level.bitrate)}` : ""}`;
  };
  const sorted = [...known].sort((one, other) => other.height - one.height || other.bitrate - one.bitrate);
  const now = known[playing];
  const automatic = now === undefined ? (measured > 0 ? `${measured}p` : "") : nameOf(now);
  return [
    { level: AUTOMATIC, name: automatic, isChosen: chosen === AUTOMATIC },
    ...sorted
      .map((level) => ({ level: level.index, name: nameOf(level), isChosen: chosen === level.index }))
      .filter(({ name }) => name !== ""),
  ];
}

function megabits(bitrate: number): string {
  return `${(bitrate / 1_000_000).toFixed(1)} Mbit/s`;
}
