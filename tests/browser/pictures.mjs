// Takes a picture of every screen in light and dark, and of a few as a phone shows them.
//
// Usage: node pictures.mjs STAGE FOLDER [NAME]
//
// STAGE is the JSON of tests/src/kit/stage.rs. Pictures are WebP, which every browser and GitHub shows: a screen takes
// about 40 kB.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBrowser, say } from "./browser.mjs";
import { Person } from "./dashboard.mjs";
import { screens, show } from "./screens.mjs";

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const QUALITY = 82;

const [, , told, folder, only] = process.argv;
const stage = JSON.parse(told);
await mkdir(folder, { recursive: true });

const browser = await openBrowser();
for (const isSignedIn of [true, false]) {
  const person = await Person.arrive(browser, { viewport: WIDE });
  if (isSignedIn) await person.logIn(stage.base, stage.email, stage.password);
  for (const screen of screens) {
    if (screen.isSignedIn !== isSignedIn || (only !== undefined && screen.name !== only)) continue;
    try {
      await take(person, screen);
    } catch (error) {
      say({ failed: screen.name, why: String(error.message ?? error) });
      process.exitCode = 1;
    }
  }
  await person.context.close();
}
await browser.close();
say({ done: true });

async function take({ page, context }, screen) {
  const devtools = await context.newCDPSession(page);
  const keep = async (name) => {
    const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
    const bytes = Buffer.from(data, "base64");
    await writeFile(join(folder, `${name}.webp`), bytes);
    say({ picture: name, bytes: bytes.length });
  };
  const looks = [
    ["light", "light", WIDE],
    ["dark", "dark", WIDE],
    ...(screen.isOnPhone ? [["phone", "light", PHONE]] : []),
  ];
  for (const [look, colorScheme, size] of looks) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    // Anew each time: a page that changes its colours is half painted for a moment.
    await show(page, screen, stage);
    await keep(`${screen.name}-${look}`);
  }
  await devtools.detach();
}
