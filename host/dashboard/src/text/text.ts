import { en, type Texts } from "./en";

/** Every language that the pages speak, by its BCP 47 primary subtag. */
const languages: Record<string, Texts> = { en };

/** The best of our languages for someone who prefers `preferred`, best first. */
export function chooseLanguage(preferred: readonly string[]): string {
  const wanted = preferred.map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return wanted.find((tag) => tag in languages) ?? "en";
}

const language = chooseLanguage(typeof navigator === "undefined" ? [] : navigator.languages);

if (typeof document !== "undefined") {
  document.documentElement.lang = language;
}

/** What the pages say, in the reader's language. */
export const text: Texts = languages[language] ?? en;
