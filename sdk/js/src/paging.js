// Lists that a platform gives a page at a time.

import { PluginError } from "./error.js";

export const paging = Object.freeze({
  *items(page) {
    let cursor;
    for (;;) {
      const { items, next } = page(cursor);
      yield* items;
      if (next === undefined || next === null || next === "") return;
      if (next === cursor) {
        const message = "The platform's list does not end: a page names itself as the next one.";
        throw PluginError.unavailable("paging", message);
      }
      cursor = next;
    }
  },

  nextLink(response) {
    // RFC 8288: `<https://...>; rel="next"`.
    for (const [, url, parameters] of (response.header("link") ?? "").matchAll(/<([^>]*)>((?:\s*;[^,;]*)*)/g)) {
      if (/;\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:;|$)/i.test(parameters)) return url;
    }
    return undefined;
  },
});
