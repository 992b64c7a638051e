// The first run: from the set-up link to a stream at two platforms, by the guide alone.
//
// Usage: node first-run.mjs LINK mouse|keys TWITCH_KEY YOUTUBE_KEY
//
// Says `profile` (server and key, out of the downloaded OBS profile) when the encoder may start, `isLive` when the page
// shows the stream, and `areLive` with the number of `acts` when it shows both platforms live.
import { readFile } from "node:fs/promises";
import { say } from "./browser.mjs";
import { journey } from "./dashboard.mjs";
import { filesOf } from "./zip.mjs";

const [, , link, hand, twitchKey, youtubeKey] = process.argv;

await journey(async (arrive) => {
  const ada = await arrive({ hasMouse: hand === "mouse", acceptDownloads: true });
  const { page } = ada;
  await ada.setUp(link);

  // The name that stands there will do.
  await ada.field("Name").waitFor();
  await ada.hand.key("Enter");
  const download = page.waitForEvent("download");
  await ada.press(ada.button("Download profile and continue"));
  const profile = filesOf(await readFile(await (await download).path()));
  const service = [...profile].find(([path]) => path.endsWith("/service.json"));
  const { settings } = JSON.parse(service[1]);

  for (const [platform, key] of [["Twitch", twitchKey], ["YouTube", youtubeKey]]) {
    await ada.press(ada.button(new RegExp(`^${platform}`)));
    await ada.fill(ada.field(/stream key/i), key);
    await ada.hand.key("Enter");
    await page.getByRole("list", { name: "Added" }).getByText(platform).waitFor();
  }
  say({ profile: { server: settings.server, key: settings.key }, acts: ada.hand.acts });

  // From here on the person's hands are at the encoder.
  await page.getByText("You are live.").waitFor();
  say({ isLive: true });
  const ends = page.getByRole("list", { name: /^Where .* goes$/ });
  for (const platform of ["Twitch", "YouTube"]) {
    const end = ends.getByRole("listitem").filter({ hasText: platform });
    await end.getByRole("status").filter({ hasText: /^Live$/ }).waitFor();
  }
  say({ areLive: true, acts: ada.hand.acts });
});
