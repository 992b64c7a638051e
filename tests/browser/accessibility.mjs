// Looks for barriers on every screen: in light and in dark, from right to left, and on a narrow phone.
//
// Usage: node accessibility.mjs STAGE [NAME]
//
// STAGE is the JSON of tests/src/kit/stage.rs. A `violation` is said for each rule of WCAG 2.2 AA that axe sees broken,
// for a page that has to be scrolled sideways at 320 px, and for words that are cut off there.
import { AxeBuilder } from "@axe-core/playwright";
import { openBrowser, say } from "./browser.mjs";
import { Person } from "./dashboard.mjs";
import { screens, show } from "./screens.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };

const stage = JSON.parse(process.argv[2]);
const only = process.argv[3];
const chosen = screens.filter(({ name }) => only === undefined || name === only);

const browser = await openBrowser();
// In Arabic, from right to left, and in the language that most were written in; side by side, which takes half the time.
await Promise.all(["en", "ar"].map(lookIn));
await browser.close();
say({ done: true });

async function lookIn(language) {
  for (const isSignedIn of [false, true]) {
    const person = await Person.arrive(browser, { viewport: WIDE });
    if (isSignedIn) await person.logIn(stage.base, stage.email, stage.password);
    else await person.page.goto(`${stage.base}/login`);
    await person.page.evaluate((language) => localStorage.setItem("neustream-language", language), language);
    for (const screen of chosen.filter((screen) => screen.isSignedIn === isSignedIn)) {
      await look(person.page, screen, language);
    }
    await person.context.close();
  }
}

async function look(page, screen, language) {
  const told = (manner) => ({ screen: screen.name, manner: `${language}, ${manner}` });
  try {
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: "light" });
    await show(page, screen, stage);
    await barriers(page, told("light"));
    if (language === "en") {
      await page.emulateMedia({ colorScheme: "dark" });
      await barriers(page, told("dark"));
      await page.emulateMedia({ colorScheme: "light" });
    }
    await page.setViewportSize(NARROW);
    await sideways(page, told("320 px"));
    await barriers(page, told("320 px"));
    say({ looked: screen.name, language });
  } catch (error) {
    say({ violation: { ...told("broken"), rule: "is-shown", where: String(error.message ?? error) } });
  }
}

// No page here holds frames of other origins; the legacy mode needs no second tab for the findings.
async function barriers(page, told) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
  for (const { id, help, nodes } of violations) {
    const where = nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`);
    say({ violation: { ...told, rule: id, help, times: nodes.length, where } });
  }
}

/** What makes a narrow page wider than its window (WCAG 1.4.10). */
async function sideways(page, told) {
  const found = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return undefined;
    const wide = [...document.body.querySelectorAll("*")].filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return right > room + 1 || left < -1;
    });
    const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].slice(0, 4).join(".")}`;
    return { needs: document.documentElement.scrollWidth, by: wide.slice(-3).map(name) };
  });
  if (found !== undefined) say({ violation: { ...told, rule: "reflow", where: found } });
}
