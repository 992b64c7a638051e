/**
 * A profile for OBS Studio: a folder that its menu Profile → Import takes.
 *
 * OBS copies `basic.ini`, `service.json` and `streamEncoder.json` out of the folder; what they do not say, such as the
 * size of the picture, it sets as for any new profile.
 */

export interface Encoder {
  /** The source; the profile is called after it. */
  name: string;
  server: string;
  key: string;
}

/** What every platform that comes with this host takes. */
const VIDEO_KBPS = 4000;
const AUDIO_KBPS = 160;

const REVOKE_AFTER_MS = 60_000;

/** The folder's name: OBS makes a directory of it on any system. */
export function folderName(name: string): string {
  const plain = name.normalize("NFC").replace(/[^\p{L}\p{M}\p{N} _-]+/gu, " ").replace(/\s+/g, " ").trim();
  return plain === "" ? "Neustream" : `Neustream ${plain}`.slice(0, 80).trim();
}

/** The files of the profile by their names. */
export function profileFiles({ name, server, key }: Encoder): Record<string, string> {
  return {
    "basic.ini": ini({
      General: { Name: folderName(name) },
      Output: { Mode: "Advanced" },
      AdvOut: { Encoder: "obs_x264", TrackIndex: "1", Track1Bitrate: String(AUDIO_KBPS) },
    }),
    "service.json": json({ type: "rtmp_custom", settings: { server, key, use_auth: false, bwtest: false } }),
    // One keyframe a second: players of low latency begin at keyframes, and platforms ask for at most two seconds.
    "streamEncoder.json": json({ rate_control: "CBR", bitrate: VIDEO_KBPS, keyint_sec: 1, preset: "veryfast", profile: "high" }),
  };
}

/** The zipped folder. What zips is loaded with the first one. */
export async function zippedProfile(encoder: Encoder): Promise<Uint8Array<ArrayBuffer>> {
  const { strToU8, zipSync } = await import("fflate");
  const files = Object.entries(profileFiles(encoder)).map(([file, content]) => [file, strToU8(content)] as const);
  return new Uint8Array(zipSync({ [folderName(encoder.name)]: Object.fromEntries(files) }));
}

/** Puts the zipped profile among the browser's downloads. */
export async function downloadObsProfile(encoder: Encoder) {
  const content = new Blob([await zippedProfile(encoder)], { type: "application/zip" });
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = `${folderName(encoder.name)}.zip`;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER_MS);
}

const json = (value: object) => `${JSON.stringify(value, undefined, 4)}\n`;

function ini(sections: Record<string, Record<string, string>>): string {
  return Object.entries(sections)
    .map(([section, values]) => `[${section}]\n${Object.entries(values).map(([key, value]) => `${key}=${value}\n`).join("")}`)
    .join("\n");
}
