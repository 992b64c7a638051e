// A person's hand at a page: acts as people do, with a mouse or with keys alone, and counts what it does.
//
// Every step waits for what it needs to be there, and for nothing else.

/** More presses of Tab than this, and a person has given up. */
const PATIENCE_PRESSES = 120;

/** What one presses to open or choose something that has the focus. */
const SPACE_ROLES = new Set(["checkbox", "radio", "switch", "option"]);

export class Hand {
  /** Clicks, filled fields and key presses that do something; moving about is not counted. */
  acts = 0;

  constructor(page, { hasMouse = true } = {}) {
    this.page = page;
    this.hasMouse = hasMouse;
  }

  /** Presses a button, follows a link, ticks a box. */
  async press(target) {
    this.acts += 1;
    if (this.hasMouse) return target.click();
    await this.reach(target);
    await this.page.keyboard.press((await isChosenBySpace(target)) ? "Space" : "Enter");
  }

  /** Types into a field, over what it holds. */
  async fill(target, value) {
    this.acts += 1;
    if (this.hasMouse) return target.fill(value);
    await this.reach(target);
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(value);
  }

  /** Presses a key where the focus is. */
  async key(name) {
    this.acts += 1;
    await this.page.keyboard.press(name);
  }

  /** Moves the focus to a thing, as one who has no mouse. */
  async reach(target) {
    await target.waitFor();
    let isBackwards = false;
    for (let presses = 0; presses < PATIENCE_PRESSES; presses += 1) {
      const where = await target.evaluate(whereIsFocus);
      if (where === "here") return;
      isBackwards ||= where === "after";
      if (where === "sibling-before" || where === "sibling-after") {
        // One stop for the whole group: arrows move within.
        await this.page.keyboard.press(where === "sibling-before" ? "ArrowDown" : "ArrowUp");
      } else {
        await this.page.keyboard.press(isBackwards ? "Shift+Tab" : "Tab");
      }
    }
    throw new Error(`no key press reaches ${target}`);
  }
}

function isChosenBySpace(target) {
  return target.evaluate((element, roles) => {
    const role = element.getAttribute("role") ?? element.type ?? "";
    return roles.includes(role);
  }, [...SPACE_ROLES]);
}

/** Where the focus is, seen from an element. */
function whereIsFocus(element) {
  const focused = document.activeElement;
  if (focused === element || element.contains(focused)) return "here";
  const group = (of) => {
    if (of === null) return undefined;
    if (of.type === "radio" && of.name !== "") return of.form?.elements.namedItem(of.name) ?? of.name;
    return of.closest("[role=menu], [role=radiogroup], [role=listbox], [role=tablist]") ?? undefined;
  };
  const isBefore =
    focused !== null && (focused.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  const own = group(element);
  if (own !== undefined && own === group(focused)) return isBefore ? "sibling-before" : "sibling-after";
  if (focused === null || focused === document.body || isBefore) return "before";
  return "after";
}
