// One function a kind: it completes what an author wrote, and what it answers is the plugin's default export.

export const KIND = Symbol.for("neustream-plugin/kind");

const optional = {
  destination: {
    check: () => ({ live: undefined, viewers: undefined }),
    finish: () => undefined,
  },
  chat: {},
  moderation: { plan: () => [] },
  payment: {},
};

const needed = {
  destination: ["prepare"],
  chat: ["open", "handle"],
  moderation: ["judge"],
  payment: ["start", "find", "confirm", "refund", "receive"],
};

function plugin(kind, written) {
  const own = typeof written === "function" ? new written() : written;
  const missing = needed[kind].filter((name) => typeof own?.[name] !== "function");
  if (missing.length > 0) {
    const list = needed[kind].map((name) => `\`${name}\``).join(", ");
    throw new TypeError(`a plugin of kind ${kind} has ${list}; there is no \`${missing[0]}\``);
  }
  const bound = { [KIND]: kind };
  for (const name of [...needed[kind], ...Object.keys(optional[kind]), ...(kind === "destination" ? ["retitle"] : [])]) {
    if (typeof own[name] === "function") bound[name] = own[name].bind(own);
    else if (name in optional[kind]) bound[name] = optional[kind][name];
  }
  return Object.freeze(bound);
}

export function destination(adapter) {
  return plugin("destination", adapter);
}

export function chat(connector) {
  return plugin("chat", connector);
}

export function moderation(filter) {
  return plugin("moderation", filter);
}

export function payment(provider) {
  return plugin("payment", provider);
}
