// The tenant's settings.

import { PluginError } from "./error.js";

export function readConfig(host) {
  try {
    return JSON.parse(host.config());
  } catch {
    // The engine's message may quote a setting.
    throw PluginError.invalidConfig("", "unreadable", "the configuration cannot be read");
  }
}

/** What was last prepared, and from which text. */
export class Cached {
  #text;
  #prepared;

  get(text, prepare) {
    if (this.#text !== text) {
      this.#prepared = prepare(text);
      this.#text = text;
    }
    return this.#prepared;
  }
}
