/**
 * Stream keys that were made on this page and are shown until it is left or reloaded.
 *
 * The server stores digests only, so this is the one chance to see a key. Nothing here outlives the page.
 */

import { useSyncExternalStore } from "react";
import type { Source } from "../api/types";

const newKeys = new Map<string, string>();
const createdHere = new Set<string>();
const listeners = new Set<() => void>();

/** Remembers the key in the answer that made it. */
export function keepNewKey({ id, stream_key }: Source) {
  if (!stream_key) return;
  newKeys.set(id, stream_key);
  listeners.forEach((listener) => listener());
}

/** Remembers a source that was created on this page, with its key. */
export function keepNewSource(source: Source) {
  createdHere.add(source.id);
  keepNewKey(source);
}

/** Whether the source was created on this page. */
export function useIsCreatedHere(sourceId: string): boolean {
  return useSyncExternalStore(subscribe, () => createdHere.has(sourceId));
}

/** The key of `sourceId`, when it was made on this page. */
export function useNewKey(sourceId: string): string | undefined {
  return useSyncExternalStore(subscribe, () => newKeys.get(sourceId));
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
