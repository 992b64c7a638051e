// Reads the reference of the API as a person does: opens it, signs in with a token, tries an operation out.
//
// Usage: node reference.mjs URL TOKEN
import { openBrowser, say } from "./browser.mjs";

const [url, token] = process.argv.slice(2);
const browser = await openBrowser();
const page = await (await browser.newContext()).newPage();
page.on("pageerror", (error) => say({ problem: String(error) }));
page.on("console", (message) => {
  if (message.type() === "error") say({ problem: message.text() });
});
page.on("request", (request) => {
  const { origin, protocol } = new URL(request.url());
  if (protocol.startsWith("http") && origin !== new URL(url).origin) say({ problem: `asked ${request.url()}` });
});
await page.goto(url, { waitUntil: "domcontentloaded" });
await page.waitForSelector(".opblock-tag-section");
say({ tags: await page.locator(".opblock-tag-section").count() });

await page.click(".auth-wrapper .authorize");
await page.locator(".auth-container input").first().fill(token);
await page.locator(".auth-btn-wrapper .authorize").first().click();
await page.locator(".auth-btn-wrapper .btn-done").first().click();

await page.click("#operations-tag-sources");
await page.click("#operations-sources-listSources .opblock-summary-control");
await page.click("#operations-sources-listSources .try-out__btn");
await page.click("#operations-sources-listSources .execute");
const answer = page.locator("#operations-sources-listSources .live-responses-table .response");
await answer.first().waitFor();
say({
  status: await answer.first().locator(".response-col_status").innerText(),
  body: await answer.first().locator(".highlight-code").first().innerText(),
});
await browser.close();
say({ done: true });
