// Stays on the overview while the server goes and comes back.
//
// Usage: node lost-connection.mjs BASE EMAIL PASSWORD
//
// Says `ready` when the running stream is shown, `lost` and `back` when the page says so, and `isLive` when the stream
// that was started again is shown, with whether the page is still the same document.
import { say } from "./browser.mjs";
import { journey } from "./dashboard.mjs";

const [, , base, email, password] = process.argv;

await journey(async (arrive) => {
  const ada = await arrive();
  const { page } = ada;
  await ada.logIn(base, email, password);
  const live = page.getByRole("status").filter({ hasText: /^Live$/ }).first();
  await live.waitFor();
  await page.evaluate(() => {
    window.isSameDocument = true;
  });
  say({ ready: true });

  const note = page.getByText(/^The connection is lost/);
  await note.waitFor({ timeout: 60_000 });
  say({ lost: await note.innerText() });
  await page.getByText("The connection is back.").waitFor({ timeout: 60_000 });
  await note.waitFor({ state: "detached" });
  say({ back: true });
  await live.waitFor({ timeout: 60_000 });
  say({ isLive: true, isSameDocument: await page.evaluate(() => window.isSameDocument === true) });
});
