import type { Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";

/** The shapes of the API, by the names of its document: `Schemas["SourceBody"]`. */
export type Schemas = components["schemas"];

/** How a client is set up. */
export interface Options {
  /** Where the host is: `https://live.example.com`. */
  url: string;
  /** An API key (`nsk_...`), or an access token that you look after yourself. Without it, sign in. */
  token?: string;
  /** Whom to act for, instead of the home organisation. */
  organisation?: string;
  /** Which app to act for, instead of the organisation's default. */
  app?: string;
  /** How often a request that met a busy host (429, 503) or a broken connection is sent again; 2 unless told. */
  retries?: number;
  /** Another `fetch`. */
  fetch?: typeof fetch;
}

/** What signing in takes. */
export type Credentials = Schemas["LoginBody"];

/** Somebody who is signed in. */
export type SignedIn = Schemas["SignInBody"];

/**
 * A typed client: `client.GET("/api/sources")`, `client.POST("/api/sources", { body: { name: "Main" } })` and so on for
 * every path of the API, each giving `{ data, error, response }`.
 *
 * A `POST` is sent with an `Idempotency-Key`, so that sending it again cannot do it twice.
 */
export interface Neustream extends Client<paths> {
  /** Signs in. From then on the client keeps itself signed in: it exchanges its tokens before they expire. */
  signIn(credentials: Credentials): Promise<SignedIn>;
  /** Signs out. */
  signOut(): Promise<void>;
}

/** Makes a client. */
export declare function createClient(options: Options): Neustream;

/** A request that the host refused. */
export declare class NeustreamError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** The word for programs, such as `LIMIT_REACHED`: docs/API.md lists all of them. */
  readonly code: string;
  /** What and where: a text, an object where programs need figures, or null. */
  readonly details: unknown;
  /** The request's id, for the operator's log. */
  readonly requestId: string | null;
}

/** What a request of the client gives. */
interface Result<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of a result: `const { sources } = await ok(client.GET("/api/sources"))`. A refusal is thrown. */
export declare function ok<Data>(
  result: Promise<Result<Data>> | Result<Data>,
): Promise<Exclude<Data, undefined>>;

/** Something that is read page by page. */
interface Page {
  next_cursor?: string | null;
}

/**
 * Every page of a list, one after the other:
 *
 *     for await (const page of pages((cursor) => client.GET("/api/plugins", { params: { query: { cursor } } }))) { ... }
 */
export declare function pages<Data extends Page>(
  ask: (cursor: string | undefined) => Promise<Result<Data>>,
): AsyncGenerator<Data, void, void>;
