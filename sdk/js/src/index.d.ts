/**
 * The SDK for Neustream plugins in JavaScript and TypeScript.
 *
 * A plugin is an object with its kind's functions, as the default export of its main module:
 *
 * ```js
 * import { Verdict, moderation } from "neustream-plugin";
 *
 * export default moderation({
 *   judge: (host, ctx, batch) => batch.map((message) => Verdict.clean(message)),
 * });
 * ```
 *
 * A class does as well: `export default moderation(MyFilter)`. Cases of a variant are objects with `tag` and, where there is
 * something in them, `val`. Numbers are numbers, also where the interface has 64 bits. What is optional may be left out.
 * A function fails by throwing a {@link PluginError}; whatever else it throws is a fault of the plugin, which its author
 * reads with file and line.
 *
 * @module
 */

// What all kinds share.

/** The circumstances of one call. */
export interface Context {
  /** Whose installation this is: an opaque, stable id. */
  tenant: string;
  /** The installation, an opaque, stable id; the memory belongs to it. */
  installation: string;
  /** Unique per call, for logs and for idempotency keys. */
  callId: string;
  /** W3C Trace Context `traceparent`; may be empty. */
  traceParent: string;
  /** When the call began, milliseconds since the Unix epoch: the only clock that a plugin has. */
  now: number;
  /** Which attempt this is, from 1. */
  attempt: number;
  /** Time that the call may take, waiting for the host included. */
  deadlineMs: number;
}

/** How much a line of the log matters. */
export type Level = "debug" | "info" | "warn" | "error";

/** What every plugin may ask: all that a filter has. */
export interface PureHost {
  /** The settings as JSON text, valid against the plugin's schema. {@link readConfig} parses them. */
  config(): string;
  /** Writes a line into the installation's log: 8 KiB a call, 64 KiB a second. */
  log(level: Level, message: string, fields?: Record<string, string | number | boolean>): void;
  /** Adds to a counter that the host exports with the plugin's id; `metric` is kebab-case, at most 16 different ones. */
  count(metric: string, delta?: number): void;
}

/** What a chat connector may ask, too. */
export interface AuthenticatingHost extends PureHost {
  /** Whether `tag` is the HMAC-SHA256 of `data` under the secret `key`, compared in constant time. */
  verifyHmacSha256(key: string, data: Bytes, tag: Bytes): boolean;
  /** The HMAC-SHA256 of `data` under the secret `key`: 32 bytes. */
  hmacSha256(key: string, data: Bytes): Uint8Array;
}

/** What a destination adapter and a payment provider may ask. Its functions throw {@link PluginError}. */
export interface Host extends AuthenticatingHost {
  /** Sends a request to a host of the manifest and waits for the answer, whatever its status. At most 20 a call. */
  send(request: Request): Response;
  /** The stored value of `key`. */
  kvGet(key: string): Entry | undefined;
  /**
   * Stores `value` if `expected` is still the revision (undefined: if there is no such key). Answers the new revision;
   * undefined when the race is lost.
   */
  kvPut(key: string, value: Bytes, expected?: number, ttlS?: number): number | undefined;
  /** Removes `key` if `expected` is still its revision; false when the race is lost or there is none. */
  kvDelete(key: string, expected: number): boolean;
}

/** A value in the installation's memory. */
export interface Entry {
  value: Uint8Array;
  /** Grows with every write of this key. */
  revision: number;
}

/** Bytes, or a text that is encoded as UTF-8. */
export type Bytes = Uint8Array | string;

/** Headers, form fields and the like, in order. */
export type Pairs = [string, string][];

// Errors.

/** What went wrong, in words for programs and for people. */
export interface Problem {
  /** Kebab-case, from an open vocabulary. */
  code: string;
  /** One sentence for the tenant. Never a secret in it. */
  message: string;
  /** When trying again makes sense, in milliseconds from now. */
  retryAfterMs?: number;
}

/** Which case it is: it decides what the host does next. */
export type ErrorKind = "denied" | "invalid-config" | "unauthorized" | "rate-limited" | "unavailable" | "other";

/**
 * What a function of a plugin throws to answer an error, and what a call of the host throws.
 *
 * ```js
 * throw PluginError.unauthorized("token-expired", "Example asks you to sign in again.");
 * ```
 */
export class PluginError extends Error {
  constructor(kind: ErrorKind, code: string, message: string, retryAfterMs?: number);
  readonly kind: ErrorKind;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly problem: Problem;
  /** Not in the manifest, or not granted by the tenant. Not tried again. */
  static denied(code: string, message: string): PluginError;
  /** The settings are wrong at this JSON pointer (RFC 6901). Not tried again before a change. */
  static invalidConfig(pointer: string, code: string, message: string): PluginError;
  /** The platform refused the credentials. Not tried again before a change. */
  static unauthorized(code: string, message: string): PluginError;
  /** The platform asks for patience. */
  static rateLimited(code: string, message: string, retryAfterMs?: number): PluginError;
  /** The platform could not be reached or answered nonsense. */
  static unavailable(code: string, message: string, retryAfterMs?: number): PluginError;
  /** Anything else. */
  static other(code: string, message: string): PluginError;
}

/**
 * How a call that moves money fails; `start` and `refund` throw it. A {@link PluginError} that leaves them becomes one on
 * the safe side ({@link PaymentFailure.of}).
 */
export class PaymentFailure extends Error {
  private constructor();
  readonly kind: "not-sent" | "unknown";
  readonly error: PluginError;
  /** Proven: the provider has not acted on it. May be repeated. */
  static notSent(error: PluginError): PaymentFailure;
  /** It may have acted. The host calls `find`, and never repeats blindly. */
  static unknown(error: PluginError): PaymentFailure;
  /** `denied`, `invalid-config`, `unauthorized` and `rate-limited` prove that nothing was done; anything else does not. */
  static of(error: PluginError): PaymentFailure;
}

// Values, requests, answers.

/** A text in which the host puts a secret, where one is named. */
export type Value =
  | { tag: "plain"; val: string }
  | { tag: "secret"; val: string }
  | { tag: "prefixed"; val: [string, string] }
  | { tag: "basic"; val: [string, string] };

/** A name with a value that may hold a secret. */
export interface Field {
  name: string;
  value: Value;
}

/** The secret of this name, alone. */
export function secret(name: string): Value;
/** A text followed by the secret: `prefixed("Bearer ", "account")`. */
export function prefixed(prefix: string, name: string): Value;
/** HTTP Basic credentials (RFC 7617): a user and the secret as its password. */
export function basic(user: string, name: string): Value;
/** A header, a query parameter or a form field; a text is plain. */
export function field(name: string, value: string | Value): Field;

declare class WithHeaders {
  readonly headers: Field[];
  /** Adds a header. */
  header(name: string, value: string | Value): this;
  /** Adds `authorization: Bearer`, with the secret of this name. */
  bearer(secret: string): this;
  /** Adds `authorization: Basic`, with the secret of this name as the user's password. */
  basic(user: string, secret: string): this;
}

declare class WithQuery extends WithHeaders {
  /** The fields of the query. */
  readonly fields: Field[];
  /** Adds a parameter to the query, percent-encoded by the host. */
  query(name: string, value: string | Value): this;
}

/**
 * A request to a host of the manifest's `[capabilities.http]`, for {@link Host.send}.
 *
 * ```js
 * host.send(Request.post("https://api.example/v1/broadcasts").bearer("account").json({ title: "First light" }));
 * ```
 */
export class Request extends WithQuery {
  constructor(method: string, url: string);
  readonly method: string;
  readonly url: string;
  readonly body: { tag: "empty" } | { tag: "bytes"; val: Uint8Array } | { tag: "form"; val: Field[] };
  /** Milliseconds; 0: as long as the call may take. */
  readonly timeout: number;
  static get(url: string): Request;
  static post(url: string): Request;
  static put(url: string): Request;
  static patch(url: string): Request;
  static delete(url: string): Request;
  /** Adds a field to a form body, which the host encodes. */
  form(name: string, value: string | Value): this;
  /** With a JSON body. */
  json(value: unknown): this;
  /** With this body. */
  bytes(contentType: string, body: Bytes): this;
  /** With this time for the answer. */
  timeoutMs(timeoutMs: number): this;
}

declare class Received {
  readonly headers: Pairs;
  readonly body: Uint8Array;
  /** The header of this name, in any case. */
  header(name: string): string | undefined;
  /** The body as text; what is not UTF-8 becomes U+FFFD. */
  text(): string;
  /** The body as JSON; what is none throws `unavailable` with the code `malformed`. */
  json(): any;
}

/** What a server answered, whatever its status. */
export class Response extends Received {
  constructor(status: number, headers: Pairs, body: Uint8Array);
  readonly status: number;
  /** Whether the status is 200 to 299. */
  readonly isSuccess: boolean;
  /** The answer itself, if it is a success; throws {@link errorOfStatus} otherwise. */
  success(platform: string): this;
  /** What a status that is no success means. `platform` is its name for people. */
  errorOfStatus(platform: string): PluginError;
  /** `Retry-After` (RFC 9110 10.2.3) in milliseconds. */
  retryAfterMs(): number | undefined;
}

// Settings and helpers.

/** The settings, parsed. The host has checked them against the schema. */
export function readConfig(host: PureHost): any;

/** What was last prepared, and from which text: reading settings costs more than judging. */
export class Cached<T> {
  /** What `prepare` makes of `text`, made only when `text` is another than the last time. */
  get(text: string, prepare: (text: string) => T): T;
}

/** JSON in and out. */
export const json: {
  /** What is no JSON throws `unavailable` with the code `malformed`. */
  from(bytes: Bytes): any;
  to(value: unknown): Uint8Array;
};

/** Hexadecimal digits, as most platforms write the signature of a webhook. */
export const hex: {
  encode(bytes: Uint8Array): string;
  /** Undefined where the text is anything else. */
  decode(digits: string): Uint8Array | undefined;
};

/** Query strings, as `application/x-www-form-urlencoded` has them. */
export const query: {
  /** The names and values of a URL's query, or of a query alone, decoded. */
  pairs(text: string): Pairs;
  /** The first value of this name. */
  get(text: string, name: string): string | undefined;
  encode(pairs: Pairs): string;
  /** A text as a path segment or a part of a query can hold it. */
  escape(text: string): string;
};

/** Lists that a platform gives a page at a time. */
export const paging: {
  /** All items, asking for a page when the one before is used up. `next` is the cursor of the next page. */
  items<T>(page: (cursor: string | undefined) => { items: Iterable<T>; next?: string | null }): Generator<T, void>;
  /** The URL of the next page where the answer has it in a `Link` header (RFC 8288). */
  nextLink(response: Response): string | undefined;
};

// Destinations.

/** What is about to be broadcast. */
export interface Broadcast {
  /** Stable over every attempt of one session. */
  id: string;
  /** For the platform; may be empty. */
  title: string;
  /** `public`, `unlisted`, `private`: an open vocabulary. */
  visibility: string;
}

/** How the host pushes. */
export type Protocol = { tag: "rtmp" | "rtmps" | "srt" | "whip" } | { tag: "other"; val: string };

/** What the platform accepts. */
export interface Limits {
  videoKbps: number;
  audioKbps: number;
  keyframeMs: number;
}

/** Where the host pushes. */
export interface Target {
  protocol: Protocol;
  /** `rtmp[s]://host[:port]/app[/...]`, without the key. */
  url: string;
  backupUrl?: string;
  /** The stream key, which the host appends as the publishing name. */
  key: Value;
  limits?: Limits;
  /** When URL or key go stale, milliseconds since the Unix epoch. */
  expiresAt?: number;
  /** The adapter's memory of this broadcast, at most 16 KiB, handed to `check` and `finish`. */
  state?: Bytes;
}

export const Target: {
  /** A target whose protocol is the URL's scheme. */
  of(url: string, key: string | Value, more?: Partial<Target>): Target;
};

/** How the platform sees the broadcast; what is left out it does not tell. */
export interface Health {
  live?: boolean;
  viewers?: number;
}

export const Health: { readonly UNKNOWN: Health };

/** One platform's knowledge of where and how to push. Holds nothing: an instance lives for one call. */
export interface DestinationAdapter {
  /** Says where to push. Idempotent per broadcast id. */
  prepare(host: Host, ctx: Context, broadcast: Broadcast): Target;
  /** Asks the platform how it sees the broadcast. Without it, that is unknown. */
  check?(host: Host, ctx: Context, state: Uint8Array): Health;
  /** Ends the broadcast on the platform; one that has ended is a success. */
  finish?(host: Host, ctx: Context, state: Uint8Array): void;
  /** Changes the title of the running broadcast, for platforms that take one. */
  retitle?(host: Host, ctx: Context, state: Uint8Array, title: string): void;
}

/** The export line of a destination: `export default destination({ prepare(host, ctx, broadcast) { ... } })`. */
export function destination(adapter: DestinationAdapter): DestinationAdapter & Required<Pick<DestinationAdapter, "check" | "finish">>;
export function destination(adapter: new () => DestinationAdapter): DestinationAdapter & Required<Pick<DestinationAdapter, "check" | "finish">>;

// Chats.

/** A place to connect to: `wss://`, `tls://`, or `https://` for a poll. */
export class Endpoint extends WithQuery {
  constructor(url: string);
  readonly url: string;
  readonly intervalMs: number;
  /** For a poll: milliseconds from an answer to the next question, at least 500. */
  everyMs(intervalMs: number): this;
}

/** A request that the host makes for a connector; its answer is an event with this id. */
export class ChatRequest extends WithQuery {
  constructor(id: string, method: string, url: string);
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array;
  json(value: unknown): this;
  /** At most 64 KiB. */
  bytes(contentType: string, body: Bytes): this;
}

/** How a connection carries messages. */
export type Transport =
  | { tag: "websocket"; val: Endpoint }
  | { tag: "line"; val: Endpoint }
  | { tag: "poll"; val: Endpoint }
  | { tag: "webhook"; val: string };

export const Transport: {
  /** RFC 6455 over TLS. */
  websocket(endpoint: Endpoint): Transport;
  /** Lines over TLS, as IRC has them. */
  line(endpoint: Endpoint): Transport;
  /** A GET again and again. */
  poll(endpoint: Endpoint): Transport;
  /** Requests of the platform; the text tells the tenant what to do with the URL. */
  webhook(advice: string): Transport;
};

/** What goes over a connection. */
export type Payload = { tag: "text"; val: string } | { tag: "binary"; val: Uint8Array } | { tag: "parts"; val: Value[] };

/** A message as it was written on the platform. */
export interface Message {
  /** The platform's id of the message. */
  id: string;
  authorId: string;
  author: string;
  text: string;
  /** `message`, `system`, `action`, `paid`, ...: an open vocabulary. */
  kind: string;
  /** `broadcaster`, `moderator`, `subscriber`, ...: an open vocabulary. */
  roles: string[];
  replyTo?: string;
  /** Milliseconds since the Unix epoch; 0 where the platform does not tell. */
  sentAt: number;
  extra: Pairs;
}

export const Message: {
  /** A message whose author has the name for an id, and nothing else. */
  of(id: string, author: string, text: string, more?: Partial<Message>): Message;
};

/** What a platform sent to a webhook connection, as it came. */
export class Delivery extends Received {
  constructor(connection: string, headers: Pairs, body: Uint8Array);
  readonly connection: string;
}

/** What happened. */
export type Event =
  | { tag: "opened"; val: string }
  | { tag: "received"; val: { connection: string; payload: Payload } }
  | { tag: "closed"; val: { connection: string; problem: Problem } }
  | { tag: "answered"; val: { id: string; outcome: { tag: "ok"; val: Response } | { tag: "err"; val: Problem } } }
  | { tag: "delivered"; val: Delivery }
  | { tag: "timer"; val: string }
  | { tag: "send"; val: { id: string; text: string; replyTo?: string } }
  | { tag: "remove"; val: string };

/** What the host is to do. */
export type Effect =
  | { tag: "publish"; val: Message }
  | { tag: "retract"; val: string }
  | { tag: "transmit"; val: { connection: string; payload: Payload } }
  | { tag: "request"; val: ChatRequest }
  | { tag: "sent"; val: string }
  | { tag: "failed"; val: { id: string; problem: Problem } }
  | { tag: "reopen"; val: { id: string; transport: Transport } }
  | { tag: "close"; val: string }
  | { tag: "wake"; val: { name: string; afterMs: number } }
  | { tag: "status"; val?: Problem };

export const Effect: {
  /** A message was written on the platform. */
  publish(message: Message): Effect;
  /** A message (the platform's id) was removed there. */
  retract(id: string): Effect;
  /** Send a text over a connection. */
  text(connection: string, text: string): Effect;
  /** Send bytes over a WebSocket. */
  binary(connection: string, bytes: Uint8Array): Effect;
  /** Send a text that holds a secret, in parts. */
  parts(connection: string, ...parts: (string | Value)[]): Effect;
  /** Make a request. At most 4 are under way. */
  request(request: ChatRequest): Effect;
  /** The outgoing message with this id was written. */
  sent(id: string): Effect;
  /** It was not and will not be written. */
  failed(id: string, problem: Problem): Effect;
  /** Close the connection of this id, if there is one, and open this one. At most 8. */
  reopen(id: string, transport: Transport): Effect;
  /** Close a connection for good. */
  close(id: string): Effect;
  /** The event `timer` with this name after so many milliseconds; 0 takes it back. At most 16. */
  wakeAfterMs(name: string, afterMs: number): Effect;
  /** Tell the tenant how the connector is doing: nothing for well. */
  status(problem?: Problem): Effect;
};

/** A new state, at most 64 KiB, and what is to be done, in this order. */
export interface Step {
  state: Bytes;
  effects: Effect[];
}

/** The largest state of a connector in bytes. */
export const MAX_STATE_BYTES: number;
/** Whether the host takes it for an id: 1 to 256 bytes without control characters. */
export function isId(text: unknown): text is string;

/** One platform's chat as a reducer. Holds nothing: an instance may be dropped after every call. */
export interface ChatConnector {
  /** Begins without a state that this version reads. */
  open(host: AuthenticatingHost, ctx: Context): Step;
  /** Moves on. The same events come again until a step with them has committed. */
  handle(host: AuthenticatingHost, ctx: Context, state: Uint8Array, events: Event[]): Step;
}

/** The export line of a chat: `export default chat({ open(host, ctx) { ... }, handle(...) { ... } })`. */
export function chat(connector: ChatConnector): ChatConnector;
export function chat(connector: new () => ChatConnector): ChatConnector;

// Moderation.

/** A message to be judged. */
export interface JudgedMessage {
  id: string;
  /** `twitch`, `youtube`, `room`, ... */
  platform: string;
  /** The same for all messages of one author, and tells nothing else. */
  authorHash: string;
  roles: string[];
  text: string;
  /** Such as `account-age-days`: an open vocabulary. */
  traits: Pairs;
}

/** A question to a service, which the host asks between `plan` and `judge`. At most 8 a batch. */
export class Lookup extends WithHeaders {
  constructor(id: string, url: string);
  readonly id: string;
  readonly url: string;
  readonly body: Uint8Array;
  static get(id: string, url: string): Lookup;
  static postJson(id: string, url: string, value: unknown): Lookup;
}

/** The answer to a lookup: the body of a 200, or why there is none. */
export interface Found {
  id: string;
  outcome: { tag: "ok"; val: Uint8Array } | { tag: "err"; val: Problem };
}

/** What becomes of a message. */
export type Action =
  | { readonly tag: "allow" | "hold" | "hide" | "delete" }
  | { tag: "replace"; val: string }
  | { tag: "timeout-s"; val: number };

export const Action: {
  /** It is shown. */
  readonly allow: Action;
  /** It waits for a moderator. */
  readonly hold: Action;
  /** Only its author and moderators see it. */
  readonly hide: Action;
  /** It is removed. */
  readonly delete: Action;
  /** It is shown with this text in place of its own. */
  replace(text: string): Action;
  /** It is removed and its author may not write for so many seconds. */
  timeoutS(seconds: number): Action;
  /** What a setting means: `allow`, `replace`, `hold`, `hide`, `delete` or `timeout` (600 s). */
  of(measure: string, more?: { timeoutS?: number; replaced?: string }): Action;
};

/** A judgement. */
export interface Verdict {
  /** The message's id. */
  id: string;
  action: Action;
  /** Which rule decided, kebab-case: what an appeal refers to. */
  rule: string;
  /** One sentence for the moderator. */
  reason: string;
}

export const Verdict: {
  of(message: JudgedMessage, action: Action, rule: string, reason: string): Verdict;
  /** No rule matches: an explicit verdict, since without any the tenant's default holds. */
  clean(message: JudgedMessage): Verdict;
  /** The verdict on a message whose author has one of `roles`. */
  exempt(message: JudgedMessage, roles: readonly string[]): Verdict | undefined;
};

/** One way to judge messages. Deterministic: the same settings, batch and answers give the same verdicts. */
export interface ModerationFilter {
  /** What must be known before the batch can be judged; most filters need nothing. */
  plan?(host: PureHost, ctx: Context, batch: JudgedMessage[]): Lookup[];
  /** Judges. A message without a verdict gets the tenant's default. */
  judge(host: PureHost, ctx: Context, batch: JudgedMessage[], found: Found[]): Verdict[];
}

/** The export line of a filter: `export default moderation({ judge(host, ctx, batch) { ... } })`. */
export function moderation(filter: ModerationFilter): Required<ModerationFilter>;
export function moderation(filter: new () => ModerationFilter): Required<ModerationFilter>;

// Payments.

/** An amount in minor units of an ISO 4217 currency (cents, paise). */
export interface Money {
  minor: number;
  currency: string;
}

/** What is to be paid. */
export interface Charge {
  /** Unique and stable over every attempt: the idempotency key, and what `find` looks for. */
  key: string;
  amount: Money;
  /** What the payer reads, one line. */
  description: string;
  /** An opaque name of the payer. */
  payerRef: string;
  /** Where the payer returns to. */
  returnUrl: string;
}

/** A payment that the provider has. */
export interface Receipt {
  providerId: string;
  amount: Money;
  fee?: Money;
}

/** What the payer must do now. */
export interface PayerAction {
  providerId: string;
  /** Where to send the payer; left out when the page's script does it with `parameters`. */
  url?: string;
  parameters?: Pairs;
}

/** How a charge or a refund stands. */
export type Status =
  | { tag: "settled"; val: Receipt }
  | { tag: "pending"; val: Receipt }
  | { tag: "action-required"; val: PayerAction }
  | { tag: "declined"; val: Problem };

export const Status: {
  /** The money has moved. */
  settled(receipt: Receipt): Status;
  /** The provider has it and works on it. */
  pending(receipt: Receipt): Status;
  /** The payer must act. */
  actionRequired(action: PayerAction): Status;
  /** It will not happen. */
  declined(code: string, message: string): Status;
};

/** What a provider sent to the host, as it came. */
export class Webhook extends Received {
  constructor(headers: Pairs, body: Uint8Array);
}

/** What became known. */
export interface Update {
  /** The provider's id of the event; the host drops one that it has. */
  eventId: string;
  /** The charge's key; left out when the event is about none of the host's. */
  key?: string;
  status: Status;
}

/** Whether it can be a key of the host's: what a platform says about the orders of others is no key. */
export function isKey(text: unknown): text is string;

/** One provider of payments. Holds nothing: an instance lives for one call, and the host keeps the journal. */
export interface PaymentProvider {
  /** Begins a charge, with `charge.key` as the provider's idempotency key. Throws {@link PaymentFailure}. */
  start(host: Host, ctx: Context, charge: Charge): Status;
  /** What the provider knows about the charge or refund with this key. Undefined: nothing, so it may be started. */
  find(host: Host, ctx: Context, key: string): Status | undefined;
  /** Checks what the payer's browser brought back for the charge `key`, which `start` gave `providerId`. */
  confirm(host: Host, ctx: Context, key: string, providerId: string, returned: Pairs): Status;
  /** Pays back, at most what was paid. `key` is the refund's own. Throws {@link PaymentFailure}. */
  refund(host: Host, ctx: Context, key: string, providerId: string, amount: Money): Status;
  /** Reads a webhook. Verify it before parsing; one that is not genuine is `unauthorized`. */
  receive(host: Host, ctx: Context, webhook: Webhook): Update[];
}

/** The export line of a provider: `export default payment({ start(host, ctx, charge) { ... }, ... })`. */
export function payment(provider: PaymentProvider): PaymentProvider;
export function payment(provider: new () => PaymentProvider): PaymentProvider;
