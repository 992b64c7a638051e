// Watches the overview while one of two platforms refuses its key.
//
// Usage: node broken-key.mjs BASE EMAIL PASSWORD GOOD BAD
//
// GOOD and BAD are the destinations' names. Says `ready` when the encoder may start; `refused` with the reason as it is
// shown and how long after the good one's light it came; `isGreen` once both have been looked at again.
import { say } from "./browser.mjs";
import { journey } from "./dashboard.mjs";

const [, , base, email, password, good, bad] = process.argv;

await journey(async (arrive) => {
  const ada = await arrive();
  const { page } = ada;
  await ada.logIn(base, email, password);
  await page.goto(`${base}/`);
  await ada.heading("Overview").waitFor();
  const state = (name) =>
    page.getByRole("listitem").filter({ has: page.getByRole("heading", { name }) }).getByRole("status");
  say({ ready: true });

  await state(good).filter({ hasText: /^Live$/ }).waitFor();
  say({ isGreen: good, at: Date.now() });
  const refused = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: bad }) });
  await refused.getByText("The platform refused the stream.").waitFor();
  say({ refused: await refused.innerText(), at: Date.now() });
  await state(good).filter({ hasText: /^Live$/ }).waitFor();
  say({ stillGreen: good });

  // What to do about it stands there, and leads to where it is done.
  await ada.press(ada.link(`Edit: ${bad}`));
  await page.waitForURL(/\/sources\//);
  say({ leadsTo: new URL(page.url()).pathname });
});
