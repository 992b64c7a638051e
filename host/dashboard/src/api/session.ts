/** Who is logged in. */

import { useSyncExternalStore } from "react";
import { refresh, request, setAccessToken, whenSessionIsLost } from "./client";
import type { User } from "./types";

let user: User | undefined;
let restored: Promise<User | undefined> | undefined;
const listeners = new Set<() => void>();

interface Credentials {
  email: string;
  password: string;
}

interface NewAccount extends Credentials {
  display_name: string;
}

/** The user of this browser's session, found once after the page was loaded. */
export function restoreSession(): Promise<User | undefined> {
  restored ??= (async () => {
    if (!(await refresh())) return undefined;
    const { user } = await request<{ user: User }>("GET", "/api/auth/profile");
    change(user);
    return user;
  })().catch(() => undefined);
  return restored;
}

export function currentUser(): User | undefined {
  return user;
}

export function useUser(): User | undefined {
  return useSyncExternalStore(subscribe, currentUser);
}

export const logIn = (credentials: Credentials) => begin("/api/auth/login", credentials);

export const register = (account: NewAccount) => begin("/api/auth/register", account);

/** Creates the first account with the token of the set-up link. */
export const setUp = (token: string, account: NewAccount) =>
  begin("/api/auth/setup", { ...account, token });

export async function logOut() {
  await request("POST", "/api/auth/logout", {}).catch(() => undefined);
  end();
}

async function begin(path: string, body: Credentials & { token?: string }) {
  const session = await request<{ user: User; token: string }>("POST", path, body);
  setAccessToken(session.token);
  change(session.user);
}

function end() {
  setAccessToken(undefined);
  change(undefined);
}

function change(next: User | undefined) {
  user = next;
  restored = Promise.resolve(next);
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

whenSessionIsLost(end);
