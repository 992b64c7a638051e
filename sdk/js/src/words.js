// Making the interface's words, kind by kind.

import { valueOf } from "./value.js";

const word = (tag) => Object.freeze({ tag });

export const Action = Object.freeze({
  allow: word("allow"),
  hold: word("hold"),
  hide: word("hide"),
  delete: word("delete"),
  replace: (text) => ({ tag: "replace", val: text }),
  timeoutS: (seconds) => ({ tag: "timeout-s", val: seconds }),

  // What a setting such as "hold" or "timeout" means.
  of(measure, { timeoutS = 600, replaced = "***" } = {}) {
    if (measure === "replace") return Action.replace(replaced);
    if (measure === "timeout") return Action.timeoutS(timeoutS);
    return word(measure);
  },
});

export const Verdict = Object.freeze({
  of(message, action, rule, reason) {
    return { id: message.id, action, rule, reason };
  },

  clean(message) {
    return Verdict.of(message, Action.allow, "clean", "No rule matches.");
  },

  exempt(message, roles) {
    const role = message.roles.find((role) => roles.includes(role));
    if (role === undefined) return undefined;
    return Verdict.of(message, Action.allow, "exempt-role", `The role ${role} is exempt.`);
  },
});

const PROTOCOLS = ["rtmps", "rtmp", "srt"];

export const Target = Object.freeze({
  of(url, key, more = {}) {
    const scheme = url.split("://", 1)[0].toLowerCase();
    const protocol = PROTOCOLS.includes(scheme) ? word(scheme) : { tag: "other", val: scheme };
    return { protocol, url, key: valueOf(key), state: new Uint8Array(), ...more };
  },
});

export const Health = Object.freeze({ UNKNOWN: Object.freeze({ live: undefined, viewers: undefined }) });

export const Transport = Object.freeze({
  websocket: (endpoint) => ({ tag: "websocket", val: endpoint }),
  line: (endpoint) => ({ tag: "line", val: endpoint }),
  poll: (endpoint) => ({ tag: "poll", val: endpoint }),
  webhook: (advice) => ({ tag: "webhook", val: advice }),
});

export const Effect = Object.freeze({
  publish: (message) => ({ tag: "publish", val: message }),
  retract: (id) => ({ tag: "retract", val: id }),
  text: (connection, text) => ({ tag: "transmit", val: { connection, payload: { tag: "text", val: text } } }),
  binary: (connection, bytes) => ({ tag: "transmit", val: { connection, payload: { tag: "binary", val: bytes } } }),
  parts: (connection, ...parts) => {
    return { tag: "transmit", val: { connection, payload: { tag: "parts", val: parts.map(valueOf) } } };
  },
  request: (request) => ({ tag: "request", val: request }),
  sent: (id) => ({ tag: "sent", val: id }),
  failed: (id, problem) => ({ tag: "failed", val: { id, problem } }),
  reopen: (id, transport) => ({ tag: "reopen", val: { id, transport } }),
  close: (id) => ({ tag: "close", val: id }),
  wakeAfterMs: (name, afterMs) => ({ tag: "wake", val: { name, afterMs } }),
  status: (problem) => ({ tag: "status", val: problem ?? undefined }),
});

export const Message = Object.freeze({
  of(id, author, text, more = {}) {
    return { id, authorId: author, author, text, kind: "message", roles: [], replyTo: undefined, sentAt: 0, extra: [], ...more };
  },
});

/** The largest state of a chat connector in bytes. */
export const MAX_STATE_BYTES = 64 * 1024;

// Whether the host takes it for an id: 1 to 256 bytes without control characters.
export function isId(text) {
  // The engine of a component knows no `\p{...}`.
  if (typeof text !== "string" || text === "" || /[\u0000-\u001f\u007f-\u009f]/.test(text)) return false;
  return new TextEncoder().encode(text).length <= 256;
}

export const Status = Object.freeze({
  settled: (receipt) => ({ tag: "settled", val: receipt }),
  pending: (receipt) => ({ tag: "pending", val: receipt }),
  actionRequired: (action) => ({ tag: "action-required", val: { url: undefined, parameters: [], ...action } }),
  declined: (code, message) => ({ tag: "declined", val: { code, message } }),
});

// Whether it can be a key of the host's: what a platform says about the orders of others is no key.
export function isKey(text) {
  return typeof text === "string" && /^[a-z0-9-]{1,40}$/.test(text);
}
