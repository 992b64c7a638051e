/** Who is logged in. */

import { useSyncExternalStore } from "react";
import { call, refresh, setAccessToken, whenSessionIsLost } from "./client";
import type { LoginBody, NewAccountBody, SecondFactorBody, SignInBody } from "../../generated/schema";
import type { User } from "./types";

let user: User | undefined;
let restored: Promise<User | undefined> | undefined;
const listeners = new Set<() => void>();

/** The user of this browser's session, found once after the page was loaded. */
export function restoreSession(): Promise<User | undefined> {
  restored ??= (async () => {
    if (!(await refresh())) return undefined;
    const { user } = await call("get", "/api/auth/profile");
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

export async function logIn(body: LoginBody) {
  begin(await call("post", "/api/auth/login", { body }));
}

/** Ends a log-in that owed a second factor. */
export async function logInWithSecondFactor(body: SecondFactorBody) {
  begin(await call("post", "/api/auth/login/second-factor", { body }));
}

export async function register(body: NewAccountBody) {
  begin(await call("post", "/api/auth/register", { body }));
}

/** Creates the first account with the token of the set-up link. */
export async function setUp(token: string, account: NewAccountBody) {
  begin(await call("post", "/api/auth/setup", { body: { ...account, token } }));
}

/** Chooses the password of an invited account with the token of its link. */
export async function acceptInvitation(token: string, password: string) {
  begin(await call("post", "/api/auth/invitation", { body: { token, password } }));
}

export async function logOut() {
  await call("post", "/api/auth/logout", { body: {} }).catch(() => undefined);
  end();
}

function begin({ token, user }: SignInBody) {
  setAccessToken(token);
  change(user);
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
