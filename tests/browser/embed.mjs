// Shows the player in frames of another site, as its visitors meet it, and says what happens.
//
// Usage: node embed.mjs SERVER_URL PLAYBACK_ID
//
// The other site is a small server of this script: it goes by the name `localhost`, the player's by its address, so
// that they are of two origins.
import { createServer } from "node:http";
import AxeBuilder from "@axe-core/playwright";
import { openBrowser, say } from "./browser.mjs";

const [server, playbackId] = process.argv.slice(2);
const limit = { timeout: 30_000 };

const pages = {
  "/plain": frame("?autoplay=1&muted=1", 'allow="autoplay; fullscreen; picture-in-picture" allowfullscreen'),
  "/quiet": frame("", 'allow="autoplay; fullscreen"'),
  "/sandboxed": frame("#autoplay&muted", 'sandbox="allow-scripts" allow="autoplay"'),
  "/watch": `<iframe src="${server}/watch/${playbackId}" width="640" height="360"></iframe>`,
};
const site = createServer((request, response) => {
  const page = pages[request.url];
  response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html" });
  response.end(`<!doctype html><title>Another site</title><p>Words before it</p>${page}`);
});
await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
const origin = `http://localhost:${site.address().port}`;

function frame(how, attributes) {
  return `<iframe src="${server}/embed/${playbackId}${how}" width="640" height="360" ${attributes}></iframe>`;
}

const browser = await openBrowser();

/** Opens a page of the other site; gives it and its frame. */
async function visit(path) {
  const page = await (await browser.newContext()).newPage();
  page.on("pageerror", (error) => say({ pageError: String(error), path }));
  await page.goto(`${origin}${path}`);
  return { page, player: page.frameLocator("iframe") };
}

const look = (player) =>
  player.locator("#player").evaluate((element) => {
    const video = element.querySelector("video");
    const { state, latency, controls } = element.dataset;
    const { muted, paused, volume, currentTime, videoHeight } = video;
    return { state, latency: Number(latency || NaN), controls, muted, paused, volume, currentTime, videoHeight };
  });

const isPlaying = (player) =>
  player.locator('#player[data-state="live"]:not([data-latency=""])').waitFor({ state: "attached", ...limit });

const { page, player } = await visit("/plain");
await isPlaying(player);
say({ plays: await look(player) });

await player.locator(".player-quality > button").click();
say({ qualities: await player.locator('[role="menuitemradio"]').allInnerTexts() });
await page.keyboard.press("ArrowDown");
await page.keyboard.press("Enter");
await player.locator(".player-menu").waitFor({ state: "hidden", ...limit });
await player.locator(".player-quality > button").click();
say({ chosen: await player.locator('[aria-checked="true"]').innerText() });
await page.keyboard.press("Escape");

// What a key has done shows in the names of the buttons.
const bar = (name) => `.player-bar [aria-label="${name}"]`;
for (const [key, sign] of [
  ["m", `${bar("Mute")}[aria-pressed="false"]`],
  ["ArrowDown", ".player"],
  ["k", bar("Play")],
  ["k", bar("Pause")],
  ["m", `${bar("Mute")}[aria-pressed="true"]`],
  ["f", bar("Leave full screen")],
  ["f", bar("Full screen")],
  ["k", bar("Play")],
  ["l", bar("Pause")],
  ["?", "dialog[open] kbd"],
  ["Escape", "body:not(:has(dialog))"],
]) {
  await page.keyboard.press(key);
  await player.locator(sign).first().waitFor({ state: "attached", ...limit });
  say({ key, ...(await look(player)) });
}
await isPlaying(player);

// Nobody touches it: the controls go, and a key that moves the focus brings them back and keeps them.
await player.locator("video").hover({ position: { x: 320, y: 120 } });
await player.locator("body").evaluate(() => document.activeElement.blur());
await player.locator('#player[data-controls="hidden"]').waitFor({ state: "attached", ...limit });
await page.keyboard.press("Tab");
await player.locator('#player[data-controls="shown"]').waitFor({ state: "attached", ...limit });
say({ controls: "come back for the keyboard" });

const quiet = await visit("/quiet");
await quiet.player.locator('#player[data-state="ready"]').waitFor({ state: "attached", ...limit });
say({ quiet: await look(quiet.player) });
await quiet.player.locator(".player-begin").click();
await isPlaying(quiet.player);
say({ begun: await look(quiet.player) });

const sandboxed = await visit("/sandboxed");
await isPlaying(sandboxed.player);
say({ sandboxed: await look(sandboxed.player) });

const framed = await visit("/watch");
await framed.page.waitForLoadState("load");
say({ framedWatchPage: await framed.page.frames().at(-1).evaluate(() => document.querySelector("#player") !== null).catch(() => false) });

for (const [name, path] of [
  ["watch", `/watch/${playbackId}`],
  ["embed", `/embed/${playbackId}?autoplay=1&muted=1`],
  ["nothing", "/watch/aaaaaaaaaaaaaaaa"],
]) {
  for (const locale of ["en", "ar"]) {
    const alone = await (await browser.newContext({ locale, viewport: { width: 320, height: 568 } })).newPage();
    await alone.goto(`${server}${path}`);
    const state = name === "nothing" ? "waiting" : "live";
    await alone.locator(`#player[data-state="${state}"]`).waitFor({ state: "attached", ...limit });
    if (name === "watch") {
      await alone.locator(".watch-share").click();
      await alone.locator("dialog[open]").waitFor(limit);
      say({ shared: await alone.locator("dialog textarea").evaluateAll((areas) => areas.map(({ value }) => value)) });
      await check(`${name} with its dialog`, alone, locale);
      await alone.keyboard.press("Escape");
    }
    await check(name, alone, locale);
    await alone.close();
  }
}

async function check(name, alone, locale) {
  const { violations } = await new AxeBuilder({ page: alone }).analyze();
  const isWide = await alone.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`);
  say({ looked: name, locale, violations: told, isWide });
}

const counting = player.locator(".player-viewers[data-viewers]");
await counting.waitFor({ state: "attached", ...limit });
say({ viewers: Number(await counting.getAttribute("data-viewers")) });
await browser.close();
site.close();
say({ done: true });
