/** Words that depend on a number. */

import { language } from "./language";

/** A sentence by CLDR plural category; `#` stands for the number. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

const rules = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

/** The sentence for `count`, such as `3 destinations`. */
export function plural(words: Plural, count: number): string {
  return (words[rules.select(count)] ?? words.other).replace("#", numbers.format(count));
}
