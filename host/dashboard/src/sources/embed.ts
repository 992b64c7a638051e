/** The code that shows a source's player on another site. */

import type { Source } from "../api/types";

/** An `iframe` of the player; `title` is what screen readers call it. */
export function embedCode({ watch_url, playback_id }: Pick<Source, "watch_url" | "playback_id">, title: string): string {
  const address = new URL(`/embed/${playback_id}`, watch_url).href;
  return (
    `<iframe src="${escaped(address)}" title="${escaped(title)}"\n` +
    `  style="width: 100%; aspect-ratio: 16 / 9; border: 0"\n` +
    `  allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>`
  );
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
