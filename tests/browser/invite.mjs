// Opens the first account, and asks a colleague into the team.
//
// Usage: node invite.mjs LINK EMAIL
//
// LINK is the set-up link. Says `invited` when the page shows the invitation.
import { say } from "./browser.mjs";
import { journey } from "./dashboard.mjs";

const [, , link, email] = process.argv;

await journey(async (arrive) => {
  const ada = await arrive();
  await ada.setUp(link);
  await ada.goTo("Team");
  await ada.press(ada.button("Invite somebody").first());
  await ada.fill(ada.field("E-mail address"), email);
  await ada.press(ada.page.getByRole("radio", { name: /^Viewer/ }));
  await ada.press(ada.button("Send the invitation"));
  const row = ada.page.getByRole("table", { name: "Invitations" }).getByRole("row").filter({ hasText: email });
  await row.getByText("Viewer").waitFor();
  say({ invited: email });
});
