// Reads and writes a channel's chat on Example Live, a made-up platform: JSON texts over one WebSocket.

import { Effect, Endpoint, Message, Transport, chat, isId, json, query, readConfig } from "neustream-plugin";

/** The only connection's name. */
const SOCKET = "chat";

/**
 * All that is remembered from call to call: an instance may be dropped after each.
 *
 * @typedef {{ isOpen: boolean, waiting: string[] }} State `waiting`: outgoing messages that the platform has not answered
 * @typedef {import("neustream-plugin").Effect} Effects
 */

export default chat({
  // The host opens the socket, and again, with back-off, whenever it closes.
  open(host) {
    const { channel } = readConfig(host);
    const endpoint = new Endpoint(`wss://chat.live.example/v1/channels/${query.escape(channel)}`).bearer("token");
    const effects = [Effect.reopen(SOCKET, Transport.websocket(endpoint))];
    return { state: json.to({ isOpen: false, waiting: [] }), effects };
  },

  // Events in; state and effects out. The same events come again until the step has been committed, so nothing may depend
  // on anything but these arguments.
  handle(host, ctx, bytes, events) {
    const state = read(bytes);
    // A state of another version: begin anew.
    if (state === undefined) return this.open(host, ctx);
    /** @type {Effects[]} */
    const effects = [];
    for (const { tag, val } of events) {
      switch (tag) {
        case "opened":
          state.isOpen = true;
          effects.push(Effect.status());
          break;
        case "received":
          if (val.payload.tag === "text") received(state, host, val.payload.val, effects);
          break;
        case "closed":
          closed(state, effects);
          effects.push(Effect.status(val.problem));
          break;
        case "send":
          send(state, val.id, val.text, effects);
          break;
        case "remove":
          // The platform tells what was removed, as it does when somebody else removes it.
          if (state.isOpen) effects.push(say({ id: val, type: "remove" }));
          break;
        // Without a poll, a webhook, a request or a timer there is nothing else.
      }
    }
    return { state: json.to(state), effects };
  },
});

/**
 * @param {Uint8Array} bytes
 * @returns {State | undefined}
 */
function read(bytes) {
  try {
    const state = json.from(bytes);
    return typeof state.isOpen === "boolean" && Array.isArray(state.waiting) ? state : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A text for the platform.
 *
 * @param {Record<string, string>} text
 */
function say(text) {
  return Effect.text(SOCKET, JSON.stringify(text));
}

/**
 * @param {State} state
 * @param {import("neustream-plugin").AuthenticatingHost} host
 * @param {string} text
 * @param {Effects[]} effects
 */
function received(state, host, text, effects) {
  const said = parsed(text);
  // The host refuses a whole step for one bad id, and a platform may send anything.
  if (said?.type === "message" && isId(said.id) && isId(said.author_id) && isText(said.author) && isText(said.text)) {
    effects.push(Effect.publish(Message.of(said.id, said.author, said.text, { authorId: said.author_id })));
  } else if (said?.type === "removed" && isId(said.id)) {
    effects.push(Effect.retract(said.id));
  } else if (said?.type === "sent" && answered(state, said.ref)) {
    effects.push(Effect.sent(said.ref));
  } else if (said?.type === "refused" && isText(said.reason) && answered(state, said.ref)) {
    effects.push(Effect.failed(said.ref, { code: "refused", message: said.reason }));
  } else {
    // Something newer. Never log what people wrote.
    host.log("debug", "the platform said something unknown");
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {unknown} value */
function isText(value) {
  return typeof value === "string";
}

/**
 * Whether `id` was waited for; it is not any more.
 *
 * @param {State} state
 * @param {string} id
 */
function answered(state, id) {
  const before = state.waiting.length;
  state.waiting = state.waiting.filter((waiting) => waiting !== id);
  return state.waiting.length < before;
}

/**
 * @param {State} state
 * @param {string} id
 * @param {string} text
 * @param {Effects[]} effects
 */
function send(state, id, text, effects) {
  if (!state.isOpen) {
    effects.push(Effect.failed(id, { code: "not-connected", message: "Example Live's chat is not connected." }));
    return;
  }
  effects.push(say({ ref: id, text, type: "send" }));
  state.waiting.push(id);
}

/**
 * What was under way may or may not have been written.
 *
 * @param {State} state
 * @param {Effects[]} effects
 */
function closed(state, effects) {
  const message = "The connection closed before Example Live said whether it took the message.";
  for (const id of state.waiting) effects.push(Effect.failed(id, { code: "unconfirmed", message }));
  state.isOpen = false;
  state.waiting = [];
}
