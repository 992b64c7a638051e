/**
 * Which language the pages speak.
 *
 * Every area of the dashboard keeps its words in a `text` folder: `en.ts` says what there is, one file a language says
 * it, all of the same type. Those files import nothing but types: a page waits for its words before it runs, and
 * nothing may wait for the page.
 */

/** The languages, by BCP 47 primary subtag: how each calls itself, and which way it is written. */
export const languages = {
  en: { name: "English", direction: "ltr" },
  es: { name: "Español", direction: "ltr" },
  hi: { name: "हिन्दी", direction: "ltr" },
  ar: { name: "العربية", direction: "rtl" },
} as const;

export type Language = keyof typeof languages;

const CHOICE = "neustream-language";

/** The best of our languages for someone who prefers `preferred`, best first. */
export function bestLanguage(preferred: readonly string[]): Language {
  const wanted = preferred.map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return wanted.find(isLanguage) ?? "en";
}

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(languages, tag);
}

/** What this browser's reader chose; undefined for whatever the browser prefers. */
export function chosenLanguage(): Language | undefined {
  const choice = storedChoice();
  return isLanguage(choice) ? choice : undefined;
}

/** In a frame on another site a browser may forbid all memory: reading it throws then. */
function storedChoice(): string {
  try {
    return globalThis.localStorage?.getItem(CHOICE) ?? "";
  } catch {
    return "";
  }
}

/** Speaks another language from now on: the page is loaded again. */
export function chooseLanguage(choice: Language | undefined) {
  if (choice === undefined) localStorage.removeItem(CHOICE);
  else localStorage.setItem(CHOICE, choice);
  location.reload();
}

/** The language of this page. */
export const language: Language = chosenLanguage() ?? bestLanguage(globalThis.navigator?.languages ?? []);

export const direction = languages[language].direction;

if (typeof document !== "undefined") {
  document.documentElement.lang = language;
  document.documentElement.dir = direction;
}

/** The words of an area in the language of this page. English comes along: it is what others are made from. */
export async function inLanguage<T>(
  en: T,
  others: Record<Exclude<Language, "en">, () => Promise<{ default: T }>>,
): Promise<T> {
  return language === "en" ? en : (await others[language]()).default;
}
