/** What viewers take away to share a stream. */

/** The size of a frame whose site does not know better. */
const SHARED_SIZE = { width: 640, height: 360 };

/** The page of a stream, without the token of whoever shares it. */
export function sharedLink(origin: string, playbackId: string): string {
  return `${origin}/watch/${playbackId}`;
}

/** The player as a frame, for any website: the same that the server gives to sites that ask by oEmbed. */
export function embedCode(origin: string, playbackId: string, title: string): string {
  const { width, height } = SHARED_SIZE;
  return (
    `<iframe src="${origin}/embed/${playbackId}" width="${width}" height="${height}" title="${inAttribute(title)}" ` +
    `allow="autoplay; fullscreen; picture-in-picture" allowfullscreen loading="lazy" style="border:0"></iframe>`
  );
}

function inAttribute(text: string): string {
  const written: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => written[character] ?? "");
}
