// The dashboard as people use it: pages found by what they are called in English, never by how they are built.
import { openBrowser, say } from "./browser.mjs";
import { Hand } from "./hand.mjs";

export const PASSWORD = "correct horse battery staple";

/** How long anything may take on a busy machine before a step fails. */
const PATIENCE_MS = 20_000;

/** One person with a browser of their own: pages, cookies and storage are nobody else's. */
export class Person {
  static async arrive(browser, { hasMouse = true, ...choices } = {}) {
    const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...choices });
    return Person.in(context, { hasMouse });
  }

  /** Somebody in a browser that is open already. */
  static async in(context, { hasMouse = true } = {}) {
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    page.on("pageerror", (error) => say({ problem: String(error) }));
    page.on("console", (message) => {
      // An answer that refuses is part of the game; a policy that is broken, or React's complaint, is not.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        say({ problem: message.text() });
      }
    });
    return new Person(context, page, new Hand(page, { hasMouse }));
  }

  constructor(context, page, hand) {
    this.context = context;
    this.page = page;
    this.hand = hand;
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  link(name) {
    return this.page.getByRole("link", { name, exact: typeof name === "string" });
  }

  field(label) {
    return this.page.getByLabel(label, { exact: typeof label === "string" });
  }

  heading(name) {
    return this.page.getByRole("heading", { name });
  }

  press(target) {
    return this.hand.press(target);
  }

  fill(target, value) {
    return this.hand.fill(target, value);
  }

  /** Opens the set-up link and creates the first account; ends where the dashboard has opened. */
  async setUp(link, { name = "Ada", email = "ada@example.com", password = PASSWORD } = {}) {
    await this.page.goto(link);
    await this.fill(this.field("Your name"), name);
    await this.fill(this.field("E-mail"), email);
    await this.fill(this.field(/^Password/), password);
    await this.hand.key("Enter");
    await this.hasLeft("/setup");
  }

  async logIn(base, email, password = PASSWORD) {
    await this.page.goto(`${base}/login`);
    await this.fill(this.field("E-mail"), email);
    await this.fill(this.field(/^Password/), password);
    await this.hand.key("Enter");
    await this.hasLeft("/login");
  }

  /** Waits until the address is another one, and its page has its heading. */
  async hasLeft(path) {
    await this.page.waitForURL((url) => url.pathname !== path);
    await this.page.getByRole("heading", { level: 1 }).waitFor();
  }

  /** Follows an entry of the main navigation. */
  async goTo(name) {
    await this.press(this.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }));
    await this.heading(name).first().waitFor();
  }
}

/** Runs a journey in a browser, with further flags where there are some, closes it, and says how it ended. */
export async function journey(steps, { flags = [] } = {}) {
  const browser = await openBrowser(flags);
  let last;
  const arrive = async (choices) => {
    last = await Person.arrive(browser, choices);
    return last;
  };
  try {
    await steps(arrive);
    say({ done: true });
  } catch (error) {
    say({ failed: String(error.message ?? error) });
    if (last !== undefined) {
      say({ address: last.page.url(), shown: await last.page.locator("body").innerText().catch(String) });
    }
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}
