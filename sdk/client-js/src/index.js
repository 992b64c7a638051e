import createFetchClient from "openapi-fetch";

/** Tokens are exchanged so long before they expire: clocks differ. */
const EARLY_MS = 30_000;

/** The longest that a client waits before it sends a request again, whatever `Retry-After` says. */
const LONGEST_WAIT_MS = 30_000;

/** Methods that do the same however often they are sent. */
const REPEATABLE = new Set(["GET", "HEAD", "PUT", "DELETE"]);

export class NeustreamError extends Error {
  /** @param {unknown} body @param {Response} response */
  constructor(body, response) {
    const told = /** @type {{ error?: string, code?: string, details?: unknown }} */ (body ?? {});
    super(told.error ?? `the host answered ${response.status}`);
    this.name = "NeustreamError";
    this.status = response.status;
    this.code = told.code ?? "";
    this.details = told.details ?? null;
    this.requestId = response.headers.get("x-request-id");
  }
}

/** @type {typeof import("./index.d.ts").ok} */
export async function ok(result) {
  const { data, error, response } = await result;
  if (!response.ok) throw new NeustreamError(error, response);
  return /** @type {any} */ (data);
}

/** @type {typeof import("./index.d.ts").pages} */
export async function* pages(ask) {
  /** @type {string | undefined} */
  let cursor;
  do {
    const page = await ok(ask(cursor));
    yield page;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

/** @type {typeof import("./index.d.ts").createClient} */
export function createClient(options) {
  const url = options.url.replace(/\/+$/, "");
  const send = options.fetch ?? globalThis.fetch;
  const signIn = new SignIn(url, send);

  const client = /** @type {import("./index.d.ts").Neustream} */ (
    createFetchClient({
      baseUrl: url,
      fetch: (request) => patiently(request, options.retries ?? 2, send),
    })
  );
  client.use({
    async onRequest({ request }) {
      const token = options.token ?? (await signIn.token());
      if (token !== undefined) setUnlessGiven(request.headers, "authorization", `Bearer ${token}`);
      if (options.organisation) setUnlessGiven(request.headers, "neustream-organisation", options.organisation);
      if (options.app) setUnlessGiven(request.headers, "neustream-app", options.app);
      if (request.method === "POST") setUnlessGiven(request.headers, "idempotency-key", crypto.randomUUID());
      return request;
    },
  });
  client.signIn = (credentials) => signIn.begin(credentials);
  client.signOut = () => signIn.end();
  return client;
}

/** Somebody's tokens, kept fresh. */
class SignIn {
  /** @type {{ access: string, refresh: string, expiresAt: number } | undefined} */
  #tokens;
  /** @type {Promise<void> | undefined} */
  #exchange;
  #url;
  #send;

  /** @param {string} url @param {typeof fetch} send */
  constructor(url, send) {
    this.#url = url;
    this.#send = send;
  }

  /** @param {import("./index.d.ts").Credentials} credentials */
  async begin(credentials) {
    return this.#keep(await this.#post("/api/auth/login", credentials));
  }

  async end() {
    const tokens = this.#tokens;
    this.#tokens = undefined;
    if (tokens) await this.#post("/api/auth/logout", { refresh_token: tokens.refresh });
  }

  /** An access token that is good for a while; none where nobody is signed in. */
  async token() {
    if (this.#tokens && Date.now() >= this.#tokens.expiresAt - EARLY_MS) {
      // A refresh token is taken once: everybody who waits, waits for the same exchange.
      this.#exchange ??= this.#refresh(this.#tokens.refresh).finally(() => {
        this.#exchange = undefined;
      });
      await this.#exchange;
    }
    return this.#tokens?.access;
  }

  /** @param {string} token */
  async #refresh(token) {
    this.#keep(await this.#post("/api/auth/refresh", { refresh_token: token }));
  }

  /** @param {import("./index.d.ts").SignedIn} answer */
  #keep(answer) {
    this.#tokens = {
      access: answer.token,
      refresh: answer.refresh_token,
      expiresAt: Date.now() + answer.expires_in * 1000,
    };
    return answer;
  }

  /** @param {string} path @param {unknown} body */
  async #post(path, body) {
    const response = await this.#send(
      new Request(this.#url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
    const answer = response.status === 204 ? undefined : await response.json().catch(() => undefined);
    if (!response.ok) throw new NeustreamError(answer, response);
    return answer;
  }
}

/**
 * Sends `request`, again while the host is busy or the connection breaks, as far as that cannot do something twice.
 *
 * @param {Request} request @param {number} retries @param {typeof fetch} send
 * @returns {Promise<Response>}
 */
async function patiently(request, retries, send) {
  const isRepeatable = REPEATABLE.has(request.method) || request.headers.has("idempotency-key");
  for (let attempt = 0; ; attempt++) {
    const isLast = attempt >= retries || !isRepeatable;
    try {
      const response = await send(isLast ? request : request.clone());
      const isBusy = response.status === 429 || response.status === 503;
      if (isLast || !isBusy) return response;
      await response.body?.cancel();
      await pause(waitOf(response, attempt));
    } catch (error) {
      if (isLast || request.signal.aborted) throw error;
      await pause(waitOf(undefined, attempt));
    }
  }
}

/** @param {Response | undefined} response @param {number} attempt */
function waitOf(response, attempt) {
  const asked = Number(response?.headers.get("retry-after") ?? Number.NaN) * 1000;
  const own = 250 * 2 ** attempt * (0.5 + Math.random() / 2);
  return Math.min(Number.isFinite(asked) ? asked : own, LONGEST_WAIT_MS);
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {Headers} headers @param {string} name @param {string} value */
function setUnlessGiven(headers, name, value) {
  if (!headers.has(name)) headers.set(name, value);
}
