/** Light or dark: as the system is, or as the reader chose on this device. */

import { useSyncExternalStore } from "react";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const KEY = "neustream-theme";
const watchers = new Set<() => void>();

function read(): Theme {
  const chosen = globalThis.localStorage?.getItem(KEY);
  return themes.find((theme) => theme === chosen) ?? "system";
}

let theme = read();

function apply() {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** Applies what was chosen; once, before the first picture. */
export function applyTheme() {
  apply();
}

export function chooseTheme(next: Theme) {
  theme = next;
  localStorage.setItem(KEY, next);
  apply();
  watchers.forEach((watcher) => watcher());
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => theme,
  );
}
