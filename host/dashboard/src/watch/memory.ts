/** What the player remembers of its viewer: in a frame on another site a browser may forbid that, which is no fault. */

const PREFIX = "neustream-player-";

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Then it is forgotten with the page.
  }
}

const KEYS = "keys";

/** Whether keys do something (WCAG 2.1.4: keys of one character can be turned off). */
export function areKeysUsed(): boolean {
  return remembered(KEYS) !== "off";
}

export function useKeys(areUsed: boolean) {
  remember(KEYS, areUsed ? "on" : "off");
}
