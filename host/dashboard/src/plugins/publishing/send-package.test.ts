import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MOST_BYTES, sendPackage, whyNotPackage } from "./send-package";

describe("a file", () => {
  it("is told from a package by its size and its first bytes", async () => {
    expect(await whyNotPackage(new Blob([]))).toBe("empty");
    expect(await whyNotPackage(new Blob(["PK\u0003\u0004"]))).toBe("not-wasm");
    expect(await whyNotPackage(new Blob(["\0as"]))).toBe("not-wasm");
    expect(await whyNotPackage(new Blob(["\0asm\r\0\u0001\0"]))).toBeUndefined();
    expect(await whyNotPackage({ size: MOST_BYTES + 1 } as Blob)).toBe("too-large");
  });
});

/** Answers as it is told, and remembers what it was sent. */
class Request {
  static answers: { status: number; response: unknown }[] = [];
  static sent: Request[] = [];
  status = 0;
  response: unknown;
  headers: Record<string, string> = {};
  address = "";
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onload?: () => void;
  onabort?: () => void;
  open(_: string, address: string) {
    this.address = address;
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  send() {
    Request.sent.push(this);
    const answer = Request.answers.shift();
    // Without one it waits, until it is given up.
    if (answer === undefined) return;
    this.upload.onprogress?.({ loaded: 1, total: 4 });
    Object.assign(this, answer);
    this.onload?.();
  }
  abort() {
    this.onabort?.();
  }
}

describe("sending", () => {
  beforeEach(() => {
    Object.assign(Request, { answers: [], sent: [] });
    vi.stubGlobal("XMLHttpRequest", Request);
  });
  afterEach(() => vi.unstubAllGlobals());

  const upload = (signal = new AbortController().signal, onProgress = (_: number) => {}) =>
    sendPackage({ file: new Blob(["x"]), visibility: "private", onProgress, signal });

  it("tells how much has arrived, and answers what became of it", async () => {
    Request.answers = [{ status: 201, response: { plugin: { id: "acme/words" } } }];
    const progress: number[] = [];
    expect(await upload(undefined, (share) => progress.push(share))).toEqual({ plugin: { id: "acme/words" } });
    expect(progress).toEqual([0.25]);
    expect(Request.sent[0]).toMatchObject({
      address: "/api/plugins?visibility=private",
      headers: { "Content-Type": "application/wasm" },
    });
  });

  it("passes a refusal on with its details", async () => {
    Request.answers = [{ status: 422, response: { error: "no", code: "SCAN_REFUSED", details: { checks: [] } } }];
    await expect(upload()).rejects.toMatchObject({ status: 422, code: "SCAN_REFUSED", details: { checks: [] } });
  });

  it("tries once more with a fresh token", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify({ token: "fresh" }))));
    Request.answers = [
      { status: 401, response: {} },
      { status: 201, response: { plugin: {} } },
    ];
    await upload();
    expect(Request.sent[1]?.headers["Authorization"]).toBe("Bearer fresh");
  });

  it("can be given up", async () => {
    const over = new AbortController();
    const sending = upload(over.signal);
    over.abort();
    await expect(sending).rejects.toMatchObject({ name: "AbortError" });
  });
});
