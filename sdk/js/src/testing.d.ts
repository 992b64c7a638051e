/**
 * A strict stand-in of the host, for a plugin's own unit tests, with node's own test runner.
 *
 * It answers exactly the requests that a test announced, in their order, and fails at any other. Absent: the manifest's
 * rules; `neustream-plugin test` runs the plugin with all of them.
 *
 * ```js
 * const host = new FakeHost({ words: ["darn"] });
 * assert.equal(judge(plugin, host, [message("Oh darn it")])[0].action.tag, "hold");
 * ```
 *
 * @module
 */

import type {
  Broadcast,
  Bytes,
  Charge,
  ChatConnector,
  Context,
  Effect,
  Event,
  Found,
  Host,
  JudgedMessage,
  Level,
  ModerationFilter,
  Pairs,
  PluginError,
  Request,
  Response,
  Verdict,
  Webhook,
} from "./index.js";

/** A host with settings, a clock, a memory, a log, secrets, and a platform that follows a script. */
export class FakeHost implements Host {
  /** With these settings: an object, or JSON text as it stands. */
  constructor(config?: object | string);
  /** Milliseconds since the Unix epoch. */
  now: number;
  /** The tenant changes the settings. */
  configure(config: object | string): this;
  /** Sets a secret. The plugin only ever names it. */
  withSecret(name: string, value: string): this;
  /** Announces a request and its outcome. */
  expect(request: Request, outcome: Response | PluginError): this;
  /** Fails if an announced request was never made. */
  done(): void;
  /** Lets the memory fail from now on. */
  breakMemory(): void;
  /** Lets time pass. */
  passSeconds(seconds: number): void;
  /** The circumstances of a call made now. */
  context(): Context;
  /** What has been logged at `level`. */
  logged(level: Level): string[];
  /** How far the counter has come. */
  counted(metric: string): number;
  /** Puts a value into the memory, as an earlier call would have. Answers its revision. */
  remember(key: string, value: Bytes, ttlS?: number): number;
  config(): string;
  log(level: Level, message: string, fields?: Record<string, string | number | boolean>): void;
  count(metric: string, delta?: number): void;
  verifyHmacSha256(key: string, data: Bytes, tag: Bytes): boolean;
  hmacSha256(key: string, data: Bytes): Uint8Array;
  send(request: Request): Response;
  kvGet(key: string): { value: Uint8Array; revision: number } | undefined;
  kvPut(key: string, value: Bytes, expected?: number, ttlS?: number): number | undefined;
  kvDelete(key: string, expected: number): boolean;
}

/**
 * A stand-in of what drives a chat connector: it keeps the state, and makes every call twice, since the same events come
 * again until a step with them has committed.
 */
export class Driver {
  /** One that has called `open`. */
  constructor(connector: ChatConnector, config?: object | string);
  readonly host: FakeHost;
  /** The committed state. */
  readonly state: Uint8Array;
  /** What was to be done by the last call. */
  readonly effects: Effect[];
  /** Hands in events, in one call. Answers what is to be done. */
  handle(...events: Event[]): Effect[];
}

/** A platform's answer; a body that is neither text nor bytes is JSON. */
export function answer(status: number, body?: unknown, headers?: Pairs): Response;
/** A failure to reach the platform. */
export function unreachable(): PluginError;
/** A broadcast. */
export function broadcast(): Broadcast;
/** A message to be judged. */
export function message(text: string): JudgedMessage;
/** A charge. */
export function charge(): Charge;
/** A webhook. */
export function webhook(headers: Pairs, body: Bytes): Webhook;
/** Has a filter judge, twice: both times must give the same verdicts. */
export function judge(filter: ModerationFilter, host: FakeHost, batch: JudgedMessage[], found?: Found[]): Verdict[];
/** The settings that the first example of every property of a schema makes. */
export function configOfExamples(schema: string | object): any;
