/** Words of consents at platforms. */

import { inLanguage } from "../../../text/language";
import { en } from "./en";

export const text = await inLanguage(en, {
  es: () => import("./es"),
  hi: () => import("./hi"),
  ar: () => import("./ar"),
});
