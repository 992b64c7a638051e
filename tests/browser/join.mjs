// Follows an invitation with a browser that has never been here, and then once more with another one.
//
// Usage: node join.mjs INVITATION EMAIL
//
// Says `joined` with the number of buttons that would make something new, and `refused` with what the second one reads.
import { say } from "./browser.mjs";
import { journey } from "./dashboard.mjs";

const [, , invitation, email] = process.argv;

await journey(async (arrive) => {
  const grace = await arrive();
  await grace.page.goto(invitation);
  await grace.page.getByText(`This link is for ${email}`).waitFor();
  await grace.fill(grace.field("Your name"), "Grace");
  await grace.fill(grace.field(/^Password/), "staple battery horse correct");
  await grace.press(grace.button("Create account and join"));
  await grace.hasLeft("/invitation");
  await grace.goTo("Sources");
  await grace.goTo("Team");
  await grace.page.getByRole("table", { name: "Members" }).getByText("Grace").first().waitFor();
  say({ joined: email, mayInvite: await grace.button("Invite somebody").count() });

  const stranger = await arrive();
  await stranger.page.goto(invitation);
  const refusal = stranger.page.getByRole("alert").first();
  await refusal.waitFor();
  say({ refused: await refusal.innerText() });
});
