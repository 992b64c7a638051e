/** The one door to the API: JSON in and out, the access token, and its refresh when it has run out. */

import { text } from "../text/text";
import type { paths } from "../../generated/schema";

/** A refusal of the API: `error`, `details` and `code` as it gave them. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details?: string,
  ) {
    super(message);
  }
}

type Path = keyof paths;
type Method = "get" | "post" | "put" | "delete";

/** The operation of the OpenAPI document that answers `M` at `P`. */
type Operation<P extends Path, M extends Method> = paths[P][M];

type Body<O> = O extends { requestBody?: { content: { "application/json": infer B } } } ? B : undefined;

type Answer<O> = O extends { responses: { 200: { content: { "application/json": infer A } } } }
  ? A
  : O extends { responses: { 201: { content: { "application/json": infer A } } } }
    ? A
    : undefined;

interface Input<O> {
  /** Values for the `{names}` in the path. */
  parameters?: Record<string, string>;
  body?: Body<O>;
}

/** Kept in memory only; the refresh token lives in a cookie that scripts cannot read. */
let accessToken: string | undefined;
let onSessionLost: () => void = () => undefined;
let refreshing: Promise<boolean> | undefined;

export function setAccessToken(token: string | undefined) {
  accessToken = token;
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
  const hadToken = accessToken !== undefined;
  const address = filled(path, input.parameters ?? {});
  let answer = await send(method, address, input.body);
  if (answer.status === 401 && hadToken) {
    if (await refresh()) answer = await send(method, address, input.body);
    if (answer.status === 401) onSessionLost();
  }
  if (!answer.ok) throw await refusal(answer);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer<Operation<P, M>>;
}

/** Trades the refresh cookie for a new access token; false when there is no session. One trade at a time. */
export function refresh(): Promise<boolean> {
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
  const answer = await send("post", "/api/auth/refresh", {});
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

async function send(method: Method, path: string, body?: unknown): Promise<Response> {
  const headers = new Headers({ Accept: "application/json" });
  if (accessToken !== undefined) headers.set("Authorization", `Bearer ${accessToken}`);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  try {
    return await fetch(path, {
      method: method.toUpperCase(),
      headers,
      credentials: "same-origin",
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, "UNREACHABLE", text.common.unreachable);
  }
}

/** Reads `{"error", "details", "code"}`; anything else, such as a proxy's page, becomes a general sentence. */
async function refusal(answer: Response): Promise<ApiError> {
  const body: unknown = await answer.json().catch(() => undefined);
  const { error, details, code } = (body ?? {}) as Record<string, unknown>;
  return new ApiError(
    answer.status,
    typeof code === "string" ? code : `HTTP_${answer.status}`,
    typeof error === "string" ? error : text.common.unexpected,
    explained(details),
  );
}

/** Details are a text, or figures for programs; of those, people are told when to come back. */
function explained(details: unknown): string | undefined {
  if (typeof details === "string") return details;
  const seconds = (details as { retry_after_s?: unknown } | null | undefined)?.retry_after_s;
  return typeof seconds === "number" ? text.common.retryAfter(seconds) : undefined;
}
