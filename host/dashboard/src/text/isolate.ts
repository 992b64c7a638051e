/** Words in another language than the page's. */

import { direction } from "./language";

/**
 * What a server or a publisher says, so that its own full stop stays at its own end where the page is written from
 * right to left (Unicode Bidirectional Algorithm, 2.4.2: first strong isolate).
 */
export function isolated(words: string): string {
  return direction === "rtl" && words !== "" ? `\u2068${words}\u2069` : words;
}
