// How a plugin fails on purpose, in the interface's words.

/** The cases of `neustream:host/types.error`: each decides what the host does next. */
const CASES = ["denied", "invalid-config", "unauthorized", "rate-limited", "unavailable", "other"];

export class PluginError extends Error {
  constructor(kind, code, message, retryAfterMs) {
    super(message);
    if (!CASES.includes(kind)) throw new TypeError(`\`${kind}\` is no kind of a PluginError: ${CASES.join(", ")}`);
    this.name = "PluginError";
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  static denied(code, message) {
    return new PluginError("denied", code, message);
  }

  static invalidConfig(pointer, code, message) {
    return new PluginError("invalid-config", code, `${pointer}: ${message}`);
  }

  static unauthorized(code, message) {
    return new PluginError("unauthorized", code, message);
  }

  static rateLimited(code, message, retryAfterMs) {
    return new PluginError("rate-limited", code, message, retryAfterMs);
  }

  static unavailable(code, message, retryAfterMs) {
    return new PluginError("unavailable", code, message, retryAfterMs);
  }

  static other(code, message) {
    return new PluginError("other", code, message);
  }

  get problem() {
    return { code: this.code, message: this.message, retryAfterMs: this.retryAfterMs };
  }
}

/** How a call that moves money fails; `start` and `refund` throw it. */
export class PaymentFailure extends Error {
  constructor(kind, error) {
    super(error.message, { cause: error });
    this.name = "PaymentFailure";
    this.kind = kind;
    this.error = error;
  }

  static notSent(error) {
    return new PaymentFailure("not-sent", error);
  }

  static unknown(error) {
    return new PaymentFailure("unknown", error);
  }

  // The safe side: whoever was refused or not let out has moved nothing; anything else may have.
  static of(error) {
    const isProven = ["denied", "invalid-config", "unauthorized", "rate-limited"].includes(error.kind);
    return new PaymentFailure(isProven ? "not-sent" : "unknown", error);
  }
}
