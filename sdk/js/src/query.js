// Query strings, as `application/x-www-form-urlencoded` has them.

function decoded(text) {
  // `decodeURIComponent` throws at what is not UTF-8, and a platform may send anything.
  const bytes = [];
  const raw = new TextEncoder().encode(text);
  for (let at = 0; at < raw.length; at += 1) {
    const digits = raw[at] === 0x25 ? String.fromCharCode(raw[at + 1] ?? 0, raw[at + 2] ?? 0) : "";
    if (/^[0-9a-fA-F]{2}$/.test(digits)) {
      bytes.push(Number.parseInt(digits, 16));
      at += 2;
    } else {
      bytes.push(raw[at] === 0x2b ? 0x20 : raw[at]);
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

export const query = Object.freeze({
  pairs(text) {
    const before = text.split("#", 1)[0];
    const part = before.includes("?") ? before.slice(before.indexOf("?") + 1) : before;
    return part
      .split("&")
      .filter((pair) => pair !== "")
      .map((pair) => {
        const at = pair.indexOf("=");
        const [name, value] = at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
        return [decoded(name), decoded(value)];
      });
  },

  get(text, name) {
    return query.pairs(text).find(([other]) => other === name)?.[1];
  },

  encode(pairs) {
    return pairs.map(([name, value]) => `${query.escape(name)}=${query.escape(value)}`).join("&");
  },

  escape(text) {
    const escaped = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
    return encodeURIComponent(text.toWellFormed?.() ?? text).replace(/[!'()*]/g, escaped);
  },
});
