// Every screen of the dashboard, once: what it is called, which address of the router it shows, and how to get there.
// Used to look for barriers (accessibility.mjs), to measure (lighthouse.mjs) and to take pictures (pictures.mjs).
//
// `route` is the pattern as the router has it; a test holds this list to the router's. `stage` is what
// tests/src/kit/stage.rs has furnished. `open` brings what a click opens.

const dashboard = (name, route, path = () => route, more = {}) => ({ name, route, path, isSignedIn: true, ...more });
const account = (name, route, path = () => route, more = {}) => ({ name, route, path, isSignedIn: false, ...more });

export const screens = [
  account("log-in", "/login"),
  account("register", "/register"),
  account("forgot-password", "/forgot-password"),
  account("reset-password", "/reset-password", () => "/reset-password?token=nse_unknown"),
  account("verify-email", "/verify-email", () => "/verify-email?token=nse_unknown"),
  account("set-up", "/setup", () => "/setup?token=nss_unknown"),
  account("invitation", "/invitation", () => "/invitation?token=nse_unknown"),

  dashboard("start", "/start"),
  dashboard("overview", "/", () => "/", { isOnPhone: true }),
  dashboard("sources", "/sources"),
  dashboard("source", "/sources/$sourceId", (stage) => `/sources/${stage.source}`, { isOnPhone: true }),
  dashboard("plugins", "/plugins"),
  dashboard("not-found", undefined, () => "/nothing/here"),

  account("watch", undefined, (stage) => `/watch/${stage.playback}`, { isFilm: true }),
];

/** Goes to a screen and waits until it shows what it has. */
export async function show(page, screen, stage) {
  await page.goto(stage.base + screen.path(stage));
  await isShown(page, screen);
  if (screen.open !== undefined) await screen.open(page, stage);
}

/** Waits until a screen has its heading, and nothing on it is still on its way. */
export async function isShown(page, screen) {
  if (screen.isFilm) {
    await page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0.5);
    return;
  }
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(() => document.querySelector("[aria-busy=true], [data-loading]") === null);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}
