// Measures the screens that people meet first with Lighthouse: how fast they are, and whether everybody can use them.
//
// Usage: node lighthouse.mjs STAGE
//
// STAGE is the JSON of tests/src/kit/stage.rs. Says `screen` with `accessibility` and `performance`, 0 to 100, as
// Lighthouse's own desktop profile gives them; `lost` names the audits that cost points.
import { chromium } from "playwright-core";
import lighthouse, { desktopConfig } from "lighthouse";
import { FLAGS, say } from "./browser.mjs";
import { Person } from "./dashboard.mjs";
import { addressOf, screens } from "./screens.mjs";

const MEASURED = ["log-in", "overview", "sources", "plugins", "watch"];

const stage = JSON.parse(process.argv[2]);
const port = await freePort();
const executablePath = process.env.NEUSTREAM_TEST_CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: [...FLAGS, `--remote-debugging-port=${port}`] });

for (const name of MEASURED) {
  const screen = screens.find((screen) => screen.name === name);
  const person = screen.isSignedIn ? await Person.arrive(browser) : undefined;
  const headers = {};
  if (person !== undefined) {
    await person.logIn(stage.base, stage.email, stage.password);
    const cookies = await person.context.cookies();
    headers.Cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  }
  const options = {
    port,
    output: "json",
    logLevel: "error",
    onlyCategories: ["accessibility", "performance"],
    extraHeaders: headers,
  };
  const { lhr } = await lighthouse(addressOf(screen, stage), options, desktopConfig);
  const of = (category) => Math.round((lhr.categories[category].score ?? 0) * 100);
  const lost = Object.values(lhr.audits)
    .filter(({ score, scoreDisplayMode }) => scoreDisplayMode !== "informative" && score !== null && score < 0.9)
    .map(({ id, displayValue }) => `${id} ${displayValue ?? ""}`.trim());
  say({
    screen: name,
    shown: lhr.finalDisplayedUrl,
    failed: lhr.runtimeError?.message,
    accessibility: of("accessibility"),
    performance: of("performance"),
    lost,
  });
  await person?.context.close();
}
await browser.close();
say({ done: true });

async function freePort() {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
