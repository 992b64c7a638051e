// The SDK for Neustream plugins. What each item is stands in `index.d.ts`.

export { json, hex } from "./bytes.js";
export { Cached, readConfig } from "./config.js";
export { PaymentFailure, PluginError } from "./error.js";
export { chat, destination, moderation, payment } from "./kinds.js";
export { paging } from "./paging.js";
export { query } from "./query.js";
export { ChatRequest, Endpoint, Lookup, Request } from "./request.js";
export { Delivery, Response, Webhook } from "./response.js";
export { basic, field, prefixed, secret } from "./value.js";
export { Action, Effect, Health, MAX_STATE_BYTES, Message, Status, Target, Transport, Verdict, isId, isKey } from "./words.js";
