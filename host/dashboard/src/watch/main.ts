/** The viewer page: the player, the name of the stream where it is told, and what one takes away to share it. */

import markUrl from "../brand/mark.svg";
import { brand } from "../brand/brand";
import "./watch.css";
import { streamAddress } from "./address";
import { drawn, make } from "./elements";
import { mountPlayer, words } from "./player";
import { text } from "./text";

/** The server writes the name of a stream into the head of the page where viewers may know it. */
const name = document.querySelector<HTMLMetaElement>('meta[name="stream-title"]')?.content ?? text.title;
const address = streamAddress(location);

document.title = `${name} · ${brand.name}`;
const mark = make("img", { src: markUrl, alt: "" });
document.querySelector("[data-brand]")?.append(mark, brand.name);
const heading = document.querySelector("[data-title]");
if (heading !== null) heading.textContent = name;

const line = make("span", { class: "watch-state", "aria-hidden": "true" });
document.querySelector("[data-about]")?.append(line);
const player = document.getElementById("player");
if (player !== null) {
  mountPlayer(player, {
    address,
    autoplay: address?.autoplay ?? true,
    muted: address?.muted ?? true,
    onState: (state) => {
      line.dataset["state"] = state;
      line.textContent = words[state].short;
    },
  });
}
if (address !== undefined) {
  const share = make("button", { type: "button", class: "watch-share" }, drawn("share"), text.share);
  share.addEventListener("click", () => {
    const video = document.querySelector("video");
    const picture = { width: video?.videoWidth ?? 0, height: video?.videoHeight ?? 0 };
    void import("./share-dialog").then(({ showShare }) => showShare(document.body, address, name, picture));
  });
  document.querySelector("[data-actions]")?.append(share);
}
// Another token in the same address is another page.
window.addEventListener("hashchange", () => location.reload());
