// Stays with a plugin that traps in the middle of a stream: switches it off, goes back to the version before, switches it
// on again, and waits until its destination is live.
//
// Usage: node trapping-plugin.mjs BASE EMAIL PASSWORD INSTALLATION SOURCE DESTINATION
//
// DESTINATION is the destination's name, the others are ids. Says `ready` when the encoder may start, then `trapped`,
// `isOff`, `isBack` and `isLive`.
import { say } from "./browser.mjs";
import { journey } from "./dashboard.mjs";

const [, , base, email, password, installation, source, destination] = process.argv;

await journey(async (arrive) => {
  const ada = await arrive();
  const { page } = ada;
  await ada.logIn(base, email, password);
  await page.goto(`${base}/plugins/installed/${installation}`);
  await ada.heading("Live").waitFor();
  say({ ready: true });

  const fault = page.getByText(/^The plugin crashed\./);
  await fault.waitFor();
  say({ trapped: await fault.innerText() });
  await ada.press(ada.button("Switch off"));
  await ada.button("Switch on").waitFor();
  say({ isOff: true });

  await ada.press(ada.link("Versions"));
  await ada.press(ada.button("Go back to 1.0.0"));
  await page.getByText("Version 1.0.0 runs again.").waitFor();
  say({ isBack: true });
  await ada.press(ada.button("Switch on"));
  await ada.button("Switch off").waitFor();

  await page.goto(`${base}/sources/${source}/destinations`);
  const card = page.getByRole("article").filter({ has: page.getByRole("heading", { name: destination }) });
  const live = card.getByRole("status").filter({ hasText: /^Live$/ });
  const again = card.getByRole("button", { name: `Try now: ${destination}` });
  await live.or(again).first().waitFor();
  if (await again.isVisible()) await ada.press(again);
  await live.waitFor();
  say({ isLive: true });
});
