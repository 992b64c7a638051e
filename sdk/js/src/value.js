// Texts in which the host puts a secret.

export function secret(name) {
  return { tag: "secret", val: name };
}

export function prefixed(prefix, name) {
  return { tag: "prefixed", val: [prefix, name] };
}

export function basic(user, name) {
  return { tag: "basic", val: [user, name] };
}

/** A value as it is given: a text is plain. */
export function valueOf(value) {
  return typeof value === "string" ? { tag: "plain", val: value } : value;
}

export function field(name, value) {
  return { name, value: valueOf(value) };
}
