/** How hard a password is to guess, as a hint while one types; the server decides what is enough. */

export type Strength = "short" | "weak" | "fair" | "strong";

/** As the server has it. */
export const LEAST_LENGTH = 10;

const FAIR_BITS = 45;
const STRONG_BITS = 65;
const SETS: readonly [RegExp, number][] = [
  [/\p{Ll}/u, 26],
  [/\p{Lu}/u, 26],
  [/\p{Nd}/u, 10],
  [/[^\p{L}\p{N}]/u, 20],
  [/[\p{Lo}\p{Lm}]/u, 60],
];

/** A character that repeats or continues the one before it tells almost nothing. */
const isExpected = (before: number, here: number) => Math.abs(here - before) <= 1;

export function strengthOf(password: string): Strength {
  const characters = [...password].map((character) => character.codePointAt(0) ?? 0);
  if (characters.length < LEAST_LENGTH) return "short";
  const telling = characters.filter((here, place) => place === 0 || !isExpected(characters[place - 1] ?? 0, here));
  // What returns again and again, such as `abcabcabc`, is one surprise and not three.
  const surprises = Math.min(telling.length, new Set(telling).size * 2);
  const alphabet = SETS.reduce((size, [set, count]) => size + (set.test(password) ? count : 0), 0);
  const bits = surprises * Math.log2(Math.max(2, alphabet));
  if (bits < FAIR_BITS) return "weak";
  return bits < STRONG_BITS ? "fair" : "strong";
}
