/** The player for frames on other sites: the picture and its controls, and the way to the stream's own page. */

import markUrl from "../brand/mark.svg";
import { brand } from "../brand/brand";
import "./embed.css";
import { streamAddress } from "./address";
import { make, rename } from "./elements";
import { mountPlayer } from "./player";
import { text } from "./text";

const address = streamAddress(location);

document.title = `${text.title} · ${brand.name}`;
const heading = document.querySelector("[data-title]");
if (heading !== null) heading.textContent = text.title;

/** The viewer page with the same token: a frame is small, and may not be allowed to fill the screen. */
function pageLink(): HTMLElement[] {
  if (address === undefined) return [];
  const token = address.token === undefined ? "" : `#token=${address.token}`;
  const href = `/watch/${address.playbackId}${token}`;
  const link = make("a", { class: "player-button player-page", href, target: "_blank", rel: "noopener" });
  link.append(make("img", { src: markUrl, alt: "" }));
  rename(link, text.openPage(brand.name));
  return [link];
}

const player = document.getElementById("player");
if (player !== null) {
  // Other people's pages are quiet until their visitors want something, unless they say otherwise.
  mountPlayer(player, {
    address,
    autoplay: address?.autoplay ?? false,
    muted: address?.muted ?? false,
    extra: pageLink(),
  });
}
window.addEventListener("hashchange", () => location.reload());
