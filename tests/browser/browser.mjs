// Opens Chromium as the tests need it, and speaks one JSON object a line.
import { chromium } from "playwright-core";

export const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

export function say(object) {
  process.stdout.write(`${JSON.stringify(object)}\n`);
}

export async function openBrowser(flags = []) {
  const executablePath = process.env.NEUSTREAM_TEST_CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}

export async function openPage(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on("pageerror", (error) => say({ pageError: String(error) }));
  page.on("console", (message) => {
    if (message.type() === "error") say({ consoleError: message.text() });
  });
  await page.goto(url, { waitUntil: "domcontentloaded" });
  return page;
}
