/**
 * Short messages that come and go, and changes that can be taken back for as long as their message stands.
 *
 * What shows them is loaded with the first one.
 */

import { useSyncExternalStore } from "react";
import { inWords } from "./error-note";
import { text } from "./text";

/** How long a message stands; it waits while it is pointed at or has the focus. */
const SHOWN_MS = 6000;
const UNDO_MS = 8000;

const shower = () => import("./toasts").then(({ manager }) => manager);

/** Says that something is done. */
export function notify(message: string) {
  void shower().then((manager) => manager.add({ title: message, timeout: SHOWN_MS }));
}

/** Says that something was refused. */
export function notifyError(error: unknown) {
  const { message, details } = inWords(error);
  void shower().then((manager) =>
    manager.add({ title: message, description: details, type: "error", timeout: 0, priority: "high" }),
  );
}

interface Removal {
  /** What happened, such as `“Twitch” was removed.` */
  message: string;
  /** Does it, once it is not taken back. With `keepalive` the page is being closed. */
  commit: (how: { keepalive: boolean }) => Promise<unknown>;
}

const leaving = new Map<string, (how: { keepalive: boolean }) => Promise<void>>();
const watchers = new Set<() => void>();
let shown: ReadonlySet<string> = new Set();

/** Whether lists leave it out: it is removed, if nobody takes that back. */
export function useLeaving(): ReadonlySet<string> {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => shown,
  );
}

/** Removes the thing `id` from sight at once and for good a little later, unless it is taken back before. */
export function removeWithUndo(id: string, { message, commit }: Removal) {
  const finish = async (how: { keepalive: boolean }) => {
    if (!leaving.has(id)) return;
    leaving.delete(id);
    try {
      await commit(how);
    } catch (error) {
      notifyError(error);
    } finally {
      // Once lists were read again it is gone from them, or back in them after a refusal.
      tell();
    }
  };
  leaving.set(id, finish);
  tell();
  void shower().then((manager) => {
    const toast = manager.add({
      title: message,
      timeout: UNDO_MS,
      actionProps: {
        children: text.undo,
        onClick: () => {
          leaving.delete(id);
          tell();
          manager.close(toast);
        },
      },
      onClose: () => void finish({ keepalive: false }),
    });
  });
}

function tell() {
  shown = new Set(leaving.keys());
  watchers.forEach((watcher) => watcher());
}

globalThis.addEventListener?.("pagehide", () => leaving.forEach((finish) => void finish({ keepalive: true })));
