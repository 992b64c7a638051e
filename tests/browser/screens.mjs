// Every screen of the dashboard, once: what it is called, which page of host/dashboard/src it shows, and its address.
// Used to look for barriers (accessibility.mjs), to measure (lighthouse.mjs) and to take pictures (pictures.mjs); run by
// itself, it says the list. A test holds it to the router: no page without a screen.
//
// `stage` is what tests/src/kit/stage.rs has furnished. `open` brings what a click opens.

const signedIn = (name, page, address, more = {}) => ({ name, page, address, isSignedIn: true, ...more });
const stranger = (name, page, address, more = {}) => ({ name, page, address, isSignedIn: false, ...more });
const phone = { isOnPhone: true };
const ofSource = (part) => (stage) => `/sources/${stage.source}${part}`;
const ofInstallation = (part) => (stage) => `/plugins/installed/${stage.installation}${part}`;

export const screens = [
  stranger("log-in", "account/log-in", "/login", phone),
  stranger("register", "account/register", "/register"),
  stranger("set-up", "account/register", "/setup?token=nss_unknown"),
  stranger("forgot-password", "account/mailed", "/forgot-password"),
  stranger("reset-password", "account/mailed", "/reset-password?token=nse_unknown"),
  stranger("verify-email", "account/mailed", "/verify-email?token=nse_unknown"),
  stranger("invitation-refused", "account/invitation", "/invitation?token=nse_unknown"),

  signedIn("start", "start/start", "/start", phone),
  signedIn("overview", "overview/overview", "/", { isOnPhone: true, isFilm: true }),
  signedIn("sources", "sources/sources", "/sources"),
  signedIn("source", "sources/overview", ofSource(""), phone),
  signedIn("destinations", "sources/destinations", ofSource("/destinations")),
  signedIn("add-destination", "sources/destinations", ofSource("/destinations"), {
    open: (page) => page.getByRole("button", { name: /^Add (a )?destination|^أضف/ }).first().click(),
    isOnlyEnglish: true,
  }),
  signedIn("encoder", "sources/encoder", ofSource("/encoder")),
  signedIn("viewers", "sources/viewers", ofSource("/viewers")),
  signedIn("pre-flight", "sources/pre-flight", ofSource("/pre-flight")),
  signedIn("source-settings", "sources/settings", ofSource("/settings")),

  signedIn("plugins", "plugins/catalogue/catalogue", "/plugins"),
  signedIn("plugin", "plugins/catalogue/plugin", (stage) => `/plugins/${stage.plugin}`),
  signedIn("permission-sheet", "plugins/install/install", (stage) => `/plugins/${stage.plugin}/install`, phone),
  signedIn("finish-installation", "plugins/install/finish", ofInstallation("/finish")),
  signedIn("installed-plugins", "plugins/installation/installed", "/plugins/installed"),
  signedIn("installation", "plugins/installation/overview", ofInstallation("")),
  signedIn("installation-configuration", "plugins/installation/configuration", ofInstallation("/configuration")),
  signedIn("installation-permissions", "plugins/installation/permissions", ofInstallation("/permissions")),
  signedIn("installation-activity", "plugins/installation/activity", ofInstallation("/activity")),
  signedIn("installation-log", "plugins/installation/log", ofInstallation("/log")),
  signedIn("installation-versions", "plugins/installation/versions", ofInstallation("/versions")),
  signedIn("upload-plugin", "plugins/publishing/upload", "/plugins/upload"),
  signedIn("develop-plugin", "plugins/publishing/develop", "/plugins/develop"),

  signedIn("team", "organisation/team", "/team"),
  signedIn("keys", "organisation/keys", "/keys"),
  signedIn("audit", "organisation/audit", "/audit"),
  signedIn("usage", "organisation/usage", "/usage"),

  signedIn("profile", "settings/profile", "/settings"),
  signedIn("security", "settings/security", "/settings/security"),
  signedIn("sessions", "settings/sign-ins", "/settings/sessions"),
  signedIn("data", "settings/data", "/settings/data"),
  signedIn("organisation", "settings/organisation", "/settings/organisation"),
  signedIn("apps", "settings/apps", "/settings/apps"),

  signedIn("admin-system", "administration/system", "/admin"),
  signedIn("admin-tenants", "administration/tenants", "/admin/tenants"),
  signedIn("admin-streams", "administration/streams", "/admin/streams"),
  signedIn("admin-plugins", "administration/plugins", "/admin/plugins"),
  signedIn("admin-version", "administration/version", (stage) => `/admin/plugins/${encodeURIComponent(stage.digest)}`),
  signedIn("admin-plans", "administration/plans", "/admin/plans"),
  signedIn("admin-plan", "administration/plan", (stage) => `/admin/plans/${stage.plan}`),
  signedIn("admin-settings", "administration/settings", "/admin/settings"),
  signedIn("admin-audit", "administration/audit", "/admin/audit"),

  // It shows busy buttons and grey lines for ever.
  signedIn("design", "design/design", "/design", { isNeverSettled: true }),
  signedIn("not-found", "shell/broken", "/nothing/here"),
  stranger("watch", "watch/main", (stage) => `/watch/${stage.playback}`, { isFilm: true, isOnPhone: true }),
  stranger("embedded", "watch/embed", (stage) => `/embed/${stage.playback}?autoplay=1`, { isFilm: true, isBare: true }),
];

/** Where a screen is. */
export function addressOf({ address }, stage) {
  return stage.base + (typeof address === "string" ? address : address(stage));
}

/** Goes to a screen and waits until it shows what it has. */
export async function show(page, screen, stage) {
  await page.goto(addressOf(screen, stage));
  await isShown(page, screen);
  if (screen.open === undefined) return;
  await screen.open(page, stage);
  await page.getByRole("dialog").waitFor();
  await isSettled(page);
}

async function isShown(page, { isFilm = false, isNeverSettled = false, isBare = false }) {
  if (!isBare) await page.getByRole("heading", { level: 1 }).first().waitFor();
  if (isFilm) await page.waitForFunction(isPlaying);
  if (!isNeverSettled) await isSettled(page);
}

/** Runs in the page: whether pictures move, and neither player nor preview says that it waits for them. */
function isPlaying() {
  const isStarting = document.querySelector("[data-state=starting], [data-showing=waiting]") !== null;
  return (document.querySelector("video")?.currentTime ?? 0) > 0.5 && !isStarting;
}

/** Waits until nothing is on its way any more. */
async function isSettled(page) {
  await page.waitForFunction(() => document.querySelector("[aria-busy=true], [data-loading]") === null);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const list = screens.map(({ name, page, isOnPhone = false }) => ({ name, page, isOnPhone }));
  process.stdout.write(`${JSON.stringify({ screens: list })}\n`);
}
