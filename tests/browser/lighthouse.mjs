// Measures every screen with Lighthouse: how fast it is, and whether everybody can use it.
//
// Usage: node lighthouse.mjs STAGE [NAME ...]
//
// STAGE is the JSON of tests/src/kit/stage.rs; with names only these screens are measured. Says `screen` with
// `accessibility` and `performance`, 0 to 100, as Lighthouse's own desktop profile gives them; `lost` names the audits
// that cost points. What a click opens is part of the page that it is opened on.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import lighthouse, { desktopConfig } from "lighthouse";
import { FLAGS, say } from "./browser.mjs";
import { Person } from "./dashboard.mjs";
import { addressOf, screens } from "./screens.mjs";

const stage = JSON.parse(process.argv[2]);
const only = process.argv.slice(3);
const pages = screens.filter(({ name, open }) => open === undefined && (only.length === 0 || only.includes(name)));
const port = await freePort();
const executablePath = process.env.NEUSTREAM_TEST_CHROMIUM ?? "/usr/bin/chromium";
// Lighthouse opens its own tab, which shares cookies only with the browser's first profile.
const profile = await mkdtemp(join(tmpdir(), "neustream-lighthouse-"));
const args = [...FLAGS, `--remote-debugging-port=${port}`];
const context = await chromium.launchPersistentContext(profile, { executablePath, args, locale: "en-GB" });

say({ pages: pages.map(({ name }) => name) });
for (const screen of pages.filter(({ isSignedIn }) => !isSignedIn)) await measure(screen);
const person = await Person.in(context);
await person.logIn(stage.base, stage.email, stage.password);
// The dashboard keeps its session alive; two pages of it would renew it at the same time.
await person.page.goto("about:blank");
for (const screen of pages.filter(({ isSignedIn }) => isSignedIn)) await measure(screen);
await context.close();
await rm(profile, { recursive: true, force: true });
say({ done: true });

async function measure(screen) {
  const options = { port, output: "json", logLevel: "error", onlyCategories: ["accessibility", "performance"] };
  const { lhr } = await measured(addressOf(screen, stage), options);
  const of = (category) => Math.round((lhr.categories[category].score ?? 0) * 100);
  const lost = Object.values(lhr.audits)
    .filter(({ score, scoreDisplayMode }) => scoreDisplayMode !== "informative" && score !== null && score < 0.9)
    .map(({ id, displayValue }) => `${id} ${displayValue ?? ""}`.trim());
  say({
    screen: screen.name,
    shown: lhr.finalDisplayedUrl,
    failed: lhr.runtimeError?.message,
    accessibility: of("accessibility"),
    performance: of("performance"),
    lost,
  });
}

/** Once more where the browser has lost the trace of a page, which tells nothing about the page. */
async function measured(address, options) {
  const first = await lighthouse(address, options, desktopConfig);
  return first.lhr.runtimeError === undefined ? first : lighthouse(address, options, desktopConfig);
}

async function freePort() {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
