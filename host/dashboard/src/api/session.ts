/** Who is logged in. */

import { useSyncExternalStore } from "react";
import { borrowAccessToken, call, refresh, setAccessToken, whenSessionIsLost } from "./client";
import { actFor } from "./scope";
import type { AcceptedInvitationBody, ImpersonationBody, LoginBody, NewAccountBody, SecondFactorBody, SignInBody } from "../../generated/schema";
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

/** Opens the account of somebody who was invited, with the token of the link. */
export async function acceptInvitation(body: AcceptedInvitationBody) {
  begin(await call("post", "/api/auth/invitation", { body }));
}

export async function logOut() {
  // In somebody's place it leads back to oneself: the cookie is one's own.
  if (acting !== undefined) return stopActing();
  await call("post", "/api/auth/logout", { body: {} }).catch(() => undefined);
  end();
}

/** Takes over what changed about the person who is logged in. */
export function changeUser(next: User) {
  change(next);
}

/** The impersonation that this tab asks in. */
let acting: string | undefined;

/**
 * Acts as somebody else in this tab until `stopActing`, or until the time is over; the own session waits in its cookie.
 *
 * `leave` goes where everybody may be and forgets what was read.
 */
export async function actAs({ id, token, expires_at }: ImpersonationBody, leave: () => Promise<void>) {
  acting = id;
  borrowAccessToken(token);
  actFor({});
  setTimeout(() => void stopActing(), Math.max(0, Date.parse(expires_at) - Date.now()));
  const { user } = await call("get", "/api/auth/profile");
  await leave();
  change(user);
}

/** Ends acting as somebody else, and loads the page again as oneself. */
export async function stopActing() {
  const id = acting;
  acting = undefined;
  setAccessToken(undefined);
  // It may have ended by itself.
  if (id !== undefined && (await refresh()))
    await call("delete", "/api/admin/impersonations/{id}", { parameters: { id } }).catch(() => undefined);
  location.assign("/admin/tenants");
  // The page goes away: whoever waits goes no other way meanwhile.
  await new Promise(() => undefined);
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

whenSessionIsLost(() => (acting === undefined ? end() : void stopActing()));
