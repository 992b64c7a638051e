// Connects an account by consent, from a server that no platform knows to a green light, and again after a withdrawal.
//
// Usage: node connect-account.mjs BASE EMAIL PASSWORD SOURCE CONSOLE FLAG...
//
// SOURCE is the source's id, CONSOLE the platform's page for developers, the FLAGs lead Chromium to the platform. Says
// `isUnknown`, `registered` with the address that the page gave for it, then `isRefused` (the secret was mistyped),
// `denied` and `connected`, each with what the form held afterwards, `added` when the encoder may start, `isGreen` when
// the consent may be withdrawn, and at the end `isWithdrawn` and `isHealed`.
import { say } from "./browser.mjs";
import { journey } from "./dashboard.mjs";

const [, , base, email, password, source, consolePage, ...flags] = process.argv;
const NAME = "Main channel";
const INGEST = "Ingest 24";
const REGISTER = "Register this server at the platform";
/** How long until an encoder that comes again is refused. */
const WITHDRAWN_MS = 60_000;

await journey(async (arrive) => {
  const ada = await arrive();
  const { page } = ada;
  await ada.logIn(base, email, password);
  await page.goto(`${base}/sources/${source}/destinations`);
  await ada.press(ada.button("Add destination").first());
  const form = page.getByRole("dialog", { name: "Add a destination" });
  await ada.press(form.getByRole("button", { name: /^Twitch/ }));
  await ada.fill(form.getByLabel("Name", { exact: true }), NAME);
  await ada.press(form.getByText("Advanced"));
  await ada.fill(form.getByLabel("Preferred ingest"), INGEST);
  const held = async () => ({
    name: await form.getByLabel("Name", { exact: true }).inputValue(),
    ingest: await form.getByLabel("Preferred ingest").inputValue(),
  });

  const connect = form.getByRole("button", { name: "Connect: Twitch account" });
  await ada.press(connect);
  const alert = form.getByRole("alert");
  await alert.waitFor();
  say({ isUnknown: await alert.innerText() });
  const app = await registered(ada, form);
  await introduce(ada, app.id, `${app.secret}x`);
  await answer(ada, "Allow");
  await alert.waitFor();
  say({ isRefused: await alert.innerText(), ...(await held()) });
  await ada.press(form.getByRole("button", { name: REGISTER }));
  await introduce(ada, app.id, app.secret);
  await answer(ada, "Deny");
  await alert.waitFor();
  say({ denied: await alert.innerText(), ...(await held()) });

  await ada.press(connect);
  await answer(ada, "Allow");
  await form.getByRole("status").filter({ hasText: "The account is connected." }).waitFor();
  const account = form.getByRole("radio", { name: /^Twitch/ });
  say({ connected: await account.isChecked(), ...(await held()) });

  await ada.press(form.getByRole("button", { name: "Add destination" }));
  await form.waitFor({ state: "detached" });
  const card = page.getByRole("article").filter({ has: ada.heading(NAME) });
  await card.waitFor();
  say({ added: true });
  const live = card.getByRole("status").filter({ hasText: /^Live$/ });
  await live.waitFor();
  say({ isGreen: true });

  const again = card.getByRole("button", { name: "Connect the account" });
  await again.waitFor({ timeout: WITHDRAWN_MS });
  say({ isWithdrawn: await card.innerText() });
  await ada.press(again);
  const edited = page.getByRole("dialog", { name: `Edit “${NAME}”` });
  await ada.press(edited.getByRole("button", { name: "Connect again" }));
  await answer(ada, "Allow");
  await edited.getByRole("status").filter({ hasText: "The account is connected." }).waitFor();
  // Nothing of the form has changed: the consent alone mends it.
  await ada.press(edited.getByRole("button", { name: "Cancel" }));
  await edited.waitFor({ state: "detached" });
  await live.waitFor();
  say({ isHealed: true });
}, { flags });

/** Has the platform know the server by the address that the page shows; gives the id and the secret of its app. */
async function registered(ada, form) {
  await ada.press(form.getByRole("button", { name: REGISTER }));
  const registration = ada.page.getByRole("dialog", { name: REGISTER });
  const address = await registration.getByText(/\/api\/oauth\/callback\//).innerText();

  const developers = await ada.context.newPage();
  await developers.goto(consolePage);
  await developers.getByLabel("OAuth Redirect URL").fill(address);
  await developers.getByRole("button", { name: "Create" }).click();
  const given = (label) => developers.getByLabel(label).innerText();
  const app = { id: await given("Client ID"), secret: await given("Client Secret") };
  await developers.close();
  say({ registered: address });
  return app;
}

/** Tells the server how the platform knows it, and goes on to the consent. */
async function introduce(ada, id, secret) {
  const registration = ada.page.getByRole("dialog", { name: REGISTER });
  await ada.fill(registration.getByLabel("Client id"), id);
  await ada.fill(registration.getByLabel("Client secret"), secret);
  await ada.hand.key("Enter");
}

/** Decides at the platform, and comes back. */
async function answer(ada, decision) {
  await ada.heading("Do you agree?").waitFor();
  await ada.press(ada.button(decision));
  await ada.page.waitForURL((url) => url.href.startsWith(base));
}
