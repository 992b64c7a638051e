/** Words about what runs, for every page that shows it. */

import { inLanguage } from "../../text/language";
import { en } from "./en";

export const text = await inLanguage(en, {
  es: () => import("./es"),
  hi: () => import("./hi"),
  ar: () => import("./ar"),
});
