/**
 * The organisation and the app that this tab acts for.
 *
 * Nothing chosen is the home organisation and its default app, and then no header is sent. A choice lives as long as
 * the tab, so two tabs may act for two organisations.
 */

import { useSyncExternalStore } from "react";

/** What requests are made for; undefined for the home organisation and the default app. */
export interface Scope {
  organisation?: string;
  app?: string;
}

const KEY = "neustream-scope";
let scope: Scope = read();
const listeners = new Set<() => void>();

export function currentScope(): Scope {
  return scope;
}

export function useScope(): Scope {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => scope,
  );
}

/** Acts for something else from now on. Whoever calls this forgets what was read for the former. */
export function actFor(next: Scope) {
  scope = next;
  globalThis.sessionStorage?.setItem(KEY, JSON.stringify(next));
  listeners.forEach((listener) => listener());
}

/** The headers that name the scope to the API. */
export function scopeHeaders({ organisation, app }: Scope): Record<string, string> {
  return {
    ...(organisation !== undefined && { "Neustream-Organisation": organisation }),
    ...(app !== undefined && { "Neustream-App": app }),
  };
}

function read(): Scope {
  try {
    const { organisation, app } = JSON.parse(globalThis.sessionStorage?.getItem(KEY) ?? "{}") as Scope;
    return {
      ...(typeof organisation === "string" && { organisation }),
      ...(typeof app === "string" && { app }),
    };
  } catch {
    return {};
  }
}
