// Answers of platforms.

import { json, textOf } from "./bytes.js";
import { PluginError } from "./error.js";

/** What comes with headers and a body. */
class Received {
  constructor(headers, body) {
    this.headers = headers;
    this.body = body;
  }

  header(name) {
    const lower = name.toLowerCase();
    return this.headers.find(([other]) => other.toLowerCase() === lower)?.[1];
  }

  text() {
    return textOf(this.body);
  }

  json() {
    return json.from(this.body);
  }
}

export class Response extends Received {
  constructor(status, headers, body) {
    super(headers, body);
    this.status = status;
  }

  get isSuccess() {
    return this.status >= 200 && this.status < 300;
  }

  success(platform) {
    if (!this.isSuccess) throw this.errorOfStatus(platform);
    return this;
  }

  errorOfStatus(platform) {
    const answered = `${platform} answered ${this.status}.`;
    switch (this.status) {
      case 401:
      case 403:
        return PluginError.unauthorized("unauthorized", answered);
      case 408:
        return PluginError.unavailable("platform-error", answered, this.retryAfterMs());
      case 429:
        return PluginError.rateLimited("rate-limited", `${platform} asks for patience.`, this.retryAfterMs());
    }
    if (this.status >= 400 && this.status < 500) return PluginError.other("refused", answered);
    return PluginError.unavailable("platform-error", answered, this.retryAfterMs());
  }

  // RFC 9110 10.2.3: seconds, or a date; a plugin's only clock for the latter is the answer's own.
  retryAfterMs() {
    const value = this.header("retry-after")?.trim();
    if (value === undefined) return undefined;
    if (/^\d+$/.test(value)) return within(Number(value) * 1000);
    const [then, now] = [httpDate(value), httpDate(this.header("date") ?? "")];
    return then === undefined || now === undefined ? undefined : within(Math.max(0, then - now));
  }
}

/** A webhook as it came. */
export class Webhook extends Received {}

/** What was delivered to a webhook connection of a chat. */
export class Delivery extends Received {
  constructor(connection, headers, body) {
    super(headers, body);
    this.connection = connection;
  }
}

function within(ms) {
  return ms <= 0xffff_ffff ? ms : undefined;
}

function httpDate(text) {
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
