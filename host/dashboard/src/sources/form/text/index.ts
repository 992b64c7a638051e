/** Words of the form of destinations and of the title of what runs. */

import { inLanguage } from "../../../text/language";
import { en } from "./en";

export const text = await inLanguage(en, {
  es: () => import("./es"),
  hi: () => import("./hi"),
  ar: () => import("./ar"),
});
