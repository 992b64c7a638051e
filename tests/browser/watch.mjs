// Watches the page of a stream and says, twice a second, how it plays.
//
// Usage: node watch.mjs URL SECONDS
//
// The picture says its own number and the wall clock at which it was painted
// (see tests/src/kit/picture.rs): read back from a canvas, that gives the
// glass-to-glass latency without trusting a word of the player.
import { openBrowser, openPage, say } from "./browser.mjs";

const [url, seconds] = process.argv.slice(2);
const browser = await openBrowser();
const page = await openPage(browser, url);
await page.evaluate(() => {
  window.__page = Math.random();
});
const started = Date.now();
say({ opened: url });

while (Date.now() - started < Number(seconds) * 1000) {
  await page.waitForTimeout(500);
  say({ sample: await page.evaluate(look) });
}
await browser.close();
say({ done: true });

function look() {
  const video = document.querySelector("video");
  const shown = { at: Date.now(), sameDocument: window.__page !== undefined };
  shown.state = document.querySelector("#player")?.dataset.state;
  if (!video) return shown;
  shown.currentTime = video.currentTime;
  shown.readyState = video.readyState;
  shown.paused = video.paused;
  shown.pageLatency = Number(document.querySelector("[data-latency]")?.dataset.latency || NaN);
  if (video.readyState < 2) return shown;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 64);
  const { data } = context.getImageData(0, 0, 64, 64);
  const bit = (cell) => {
    const x = (cell % 8) * 8 + 4;
    const y = Math.floor(cell / 8) * 8 + 4;
    return data[(y * 64 + x) * 4] > 127 ? 1 : 0;
  };
  let number = 0;
  let check = 0;
  let gray = 0;
  for (let place = 0; place < 16; place += 1) number |= bit(place) << place;
  for (let place = 0; place < 16; place += 1) check |= bit(16 + place) << place;
  for (let place = 0; place < 32; place += 1) gray = (gray | (bit(32 + place) << place)) >>> 0;
  if ((number ^ check) !== 0xffff) return shown;
  for (const shift of [1, 2, 4, 8, 16]) gray = (gray ^ (gray >>> shift)) >>> 0;
  const now = Math.floor(Date.now() / 10) % 2 ** 32;
  shown.frame = number;
  shown.latency = ((now - gray) | 0) / 100;
  return shown;
}
