/** What viewers take away to share a stream. */

/** How wide a frame is whose site does not know better, and its shape before the picture is known. */
const SHARED_WIDTH = 640;
const USUAL_SHAPE = { width: 16, height: 9 };

/** Width and height of a picture; 0 while they are not known. */
export interface Shape {
  width: number;
  height: number;
}

/** The page of a stream, without the token of whoever shares it. */
export function sharedLink(origin: string, playbackId: string): string {
  return `${origin}/watch/${playbackId}`;
}

/** The player as a frame, for any website: the same that the server gives to sites that ask by oEmbed. */
export function embedCode(origin: string, playbackId: string, title: string, picture: Shape): string {
  const shape = picture.width > 0 && picture.height > 0 ? picture : USUAL_SHAPE;
  const height = Math.max(1, Math.floor((SHARED_WIDTH * shape.height) / shape.width));
  return (
    `<iframe src="${origin}/embed/${playbackId}" width="${SHARED_WIDTH}" height="${height}" title="${inAttribute(title)}" ` +
    `allow="autoplay; fullscreen; picture-in-picture" allowfullscreen loading="lazy" style="border:0"></iframe>`
  );
}

function inAttribute(text: string): string {
  const written: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => written[character] ?? "");
}
