/** Full screen and picture in picture, in the manners of different browsers. */

/** iPhones show only the video itself in full, by a method of their own. */
interface AppleVideo extends HTMLVideoElement {
  webkitEnterFullscreen?(): void;
}

export function canFillScreen(video: AppleVideo): boolean {
  return document.fullscreenEnabled || video.webkitEnterFullscreen !== undefined;
}

export function isScreenFilled(): boolean {
  return document.fullscreenElement !== null;
}

/** Fills the screen with the whole player, or leaves it. */
export function toggleFullScreen(player: HTMLElement, video: AppleVideo) {
  if (isScreenFilled()) void document.exitFullscreen();
  else if (document.fullscreenEnabled) player.requestFullscreen().catch(() => undefined);
  else video.webkitEnterFullscreen?.();
}

export function canFloat(): boolean {
  return document.pictureInPictureEnabled === true;
}

/** Puts the picture into a window of its own, or back. A browser refuses before there is a picture. */
export function togglePictureInPicture(video: HTMLVideoElement) {
  if (!canFloat()) return;
  const done = document.pictureInPictureElement === null ? video.requestPictureInPicture() : document.exitPictureInPicture();
  Promise.resolve(done).catch(() => undefined);
}
