/** Sends a package and tells how much of it has arrived: `fetch` does not tell. */

import { ApiError, currentAccessToken, refresh } from "../../api/client";
import { currentScope, scopeHeaders } from "../../api/scope";
import type { PluginVersionBody } from "../../../generated/schema";

/** What the server takes at most; it would read a larger one in vain. */
export const MOST_BYTES = 20 * 1024 * 1024;

/** What begins every WebAssembly component: `\0asm`, and a version that modules do not have. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/** Why a file cannot be a package, before it is sent. */
export async function whyNotPackage(file: Blob): Promise<"empty" | "too-large" | "not-wasm" | undefined> {
  if (file.size === 0) return "empty";
  if (file.size > MOST_BYTES) return "too-large";
  const begin = new Uint8Array(await file.slice(0, MAGIC.length).arrayBuffer());
  return MAGIC.every((byte, index) => begin[index] === byte) ? undefined : "not-wasm";
}

export interface Upload {
  file: Blob;
  visibility: "private" | "public";
  /** How much of it was sent, from 0 to 1. */
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

/**
 * Uploads a package; the answer comes when it has been scanned.
 *
 * # Errors
 * `ApiError`, as for every call of the API.
 */
export async function sendPackage(upload: Upload): Promise<PluginVersionBody> {
  let answer = await post(upload);
  if (answer.status === 401 && (await refresh())) answer = await post(upload);
  const body = (answer.response ?? {}) as Record<string, unknown>;
  if (answer.status >= 200 && answer.status < 300) return body as unknown as PluginVersionBody;
  const { code, error, details } = body;
  throw new ApiError(
    answer.status,
    typeof code === "string" ? code : `HTTP_${answer.status}`,
    typeof error === "string" ? error : `the server answered ${answer.status}`,
    details,
  );
}

function post({ file, visibility, onProgress, signal }: Upload): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/plugins?visibility=${visibility}`);
    request.responseType = "json";
    const headers = { Accept: "application/json", "Content-Type": "application/wasm", ...scopeHeaders(currentScope()) };
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    const token = currentAccessToken();
    if (token !== undefined) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.onload = () => resolve(request);
    request.onerror = () => reject(new ApiError(0, "UNREACHABLE", "the server cannot be reached"));
    request.onabort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
