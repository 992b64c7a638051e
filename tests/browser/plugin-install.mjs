// Installs a plugin from the catalogue, adds a destination with it, and waits for its green light.
//
// Usage: node plugin-install.mjs BASE EMAIL PASSWORD SOURCE KEY
//
// SOURCE is the source's name. Says `sheet` with what the permission sheet reads, `isReady` when the self-test has passed,
// `added` when the encoder may start, and `isGreen` at the end.
import { say } from "./browser.mjs";
import { journey } from "./dashboard.mjs";

const [, , base, email, password, source, key] = process.argv;

await journey(async (arrive) => {
  const ada = await arrive();
  const { page } = ada;
  await ada.logIn(base, email, password);
  await ada.goTo("Plugins");
  await ada.fill(ada.field("Search plugins"), "kick");
  await ada.press(ada.link("Kick"));
  await ada.press(ada.link("Install"));
  await ada.heading("Install Kick").waitFor();
  say({ sheet: await page.getByRole("main").innerText() });
  await ada.press(ada.button("Go on with what is ticked"));
  await ada.fill(ada.field(/^Stream key/), key);
  await ada.press(ada.button("Install"));
  await page.getByRole("status").filter({ hasText: "Everything works." }).waitFor();
  say({ isReady: true });

  await ada.press(ada.link("To the sources"));
  await ada.press(ada.link(new RegExp(source)).first());
  await ada.press(ada.link("Destinations"));
  await ada.press(ada.button("Add destination").first());
  const dialog = page.getByRole("dialog");
  await ada.press(dialog.getByRole("button", { name: /^Kick/ }));
  await ada.fill(dialog.getByLabel("Stream key"), key);
  await ada.hand.key("Enter");
  await dialog.waitFor({ state: "detached" });
  const card = page.getByRole("article").filter({ has: page.getByRole("heading", { name: "Kick" }) });
  await card.waitFor();
  say({ added: true });
  await card.getByRole("status").filter({ hasText: /^Live$/ }).waitFor();
  say({ isGreen: true });
});
