/** The one door to the API: JSON in and out, the access token, and its refresh when it has run out. */

import type { paths } from "../../generated/schema";
import { currentScope, scopeHeaders } from "./scope";

/** A refusal of the API: `error`, `details` and `code` as it gave them; status 0 where no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** A text, or figures and places for programs. */
    readonly details?: unknown,
  ) {
    super(message);
  }

  /** One of the details that are figures or places. */
  detail(name: string): unknown {
    return typeof this.details === "object" && this.details !== null
      ? (this.details as Record<string, unknown>)[name]
      : undefined;
  }
}

type Path = keyof paths;
type Method = "get" | "post" | "put" | "patch" | "delete";

/** The operation of the OpenAPI document that answers `M` at `P`. */
type Operation<P extends Path, M extends Method> = paths[P][M];

type Body<O> = O extends { requestBody?: { content: { "application/json": infer B } } } ? B : undefined;

type Query<O> = O extends { parameters: { query?: infer Q } } ? Q : never;

type Answer<O> = O extends { responses: { 200: { content: { "application/json": infer A } } } }
  ? A
  : O extends { responses: { 201: { content: { "application/json": infer A } } } }
    ? A
    : O extends { responses: { 202: { content: { "application/json": infer A } } } }
      ? A
      : undefined;

interface Input<O> {
  /** Values for the `{names}` in the path. */
  parameters?: Record<string, string>;
  query?: Query<O>;
  body?: Body<O>;
  /** Ends the request when whoever asked has lost interest. */
  signal?: AbortSignal;
  /** Lets the request outlive the page, for what must still be done when a tab is closed. */
  keepalive?: boolean;
  /** Makes a repetition of a POST do nothing twice (`Idempotency-Key`). */
  idempotencyKey?: string;
}

/** Kept in memory only; the refresh token lives in a cookie that scripts cannot read. */
let accessToken: string | undefined;
let isBorrowed = false;
let onSessionLost: () => void = () => undefined;
let refreshing: Promise<boolean> | undefined;

export function setAccessToken(token: string | undefined) {
  accessToken = token;
  isBorrowed = false;
}

/** Asks with a token that is not renewed when it ends, such as one to act as somebody else: the cookie is another's. */
export function borrowAccessToken(token: string) {
  accessToken = token;
  isBorrowed = true;
}

export function currentAccessToken(): string | undefined {
  return accessToken;
}

/** Calls `action` when the session is over and cannot be refreshed. */
export function whenSessionIsLost(action: () => void) {
  onSessionLost = action;
}

/** Calls an operation of the API; refreshes the access token once when the API says 401. */
export async function call<P extends Path, M extends Method>(
  method: M,
  path: P,
  input: Input<Operation<P, M>> = {},
): Promise<Answer<Operation<P, M>>> {
  const { body, signal, keepalive, idempotencyKey } = input;
  const headers = idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey };
  const answer = await signedIn(filled(path, input.parameters ?? {}) + queried(input.query as object | undefined), {
    method: method.toUpperCase(),
    headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
    ...(keepalive !== undefined && { keepalive }),
  });
  return (answer.status === 204 ? undefined : await answer.json()) as Answer<Operation<P, M>>;
}

/**
 * Asks for anything else of the API, such as a file: the answer as it came, if it is a good one.
 *
 * # Errors
 * `ApiError`, as `call`.
 */
export async function signedIn(address: string, request: RequestInit = {}): Promise<Response> {
  const hadToken = accessToken !== undefined;
  let answer = await send(address, request);
  if (answer.status === 401 && hadToken) {
    if (await refresh()) answer = await send(address, request);
    if (answer.status === 401) onSessionLost();
  }
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

/** Trades the refresh cookie for a new access token; false when there is no session. One trade at a time. */
export function refresh(): Promise<boolean> {
  if (isBorrowed) return Promise.resolve(false);
  refreshing ??= trade().finally(() => (refreshing = undefined));
  return refreshing;
}

/** A refresh token is taken once, so pages in other tabs must not trade at the same time. */
async function trade(): Promise<boolean> {
  // Browsers have locks over HTTPS and on localhost only.
  const locks = globalThis.navigator?.locks;
  return locks === undefined ? await tradeNow() : await locks.request("neustream-refresh", tradeNow);
}

async function tradeNow(): Promise<boolean> {
  const answer = await send("/api/auth/refresh", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
  if (!answer.ok) {
    accessToken = undefined;
    return false;
  }
  const { token } = (await answer.json()) as { token: string };
  accessToken = token;
  return true;
}

function filled(path: string, parameters: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ""));
}

function queried(query: object | undefined): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`;
}

async function send(address: string, request: RequestInit): Promise<Response> {
  const headers = new Headers({ Accept: "application/json", ...scopeHeaders(currentScope()) });
  new Headers(request.headers).forEach((value, name) => headers.set(name, value));
  if (accessToken !== undefined) headers.set("Authorization", `Bearer ${accessToken}`);
  try {
    return await fetch(address, { credentials: "same-origin", ...request, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "UNREACHABLE", "the server cannot be reached");
  }
}

/** Reads `{"error", "details", "code"}`; anything else, such as a proxy's page, is known by its status alone. */
async function refusal(answer: Response): Promise<ApiError> {
  const body: unknown = await answer.json().catch(() => undefined);
  const { error, details, code } = (body ?? {}) as Record<string, unknown>;
  return new ApiError(
    answer.status,
    typeof code === "string" ? code : `HTTP_${answer.status}`,
    typeof error === "string" ? error : `the server answered ${answer.status}`,
    details,
  );
}
