/** What a form says of a field, from its schema: names, hints, choices. */

import { count } from "../../format/format";
import { isolated } from "../../text/isolate";
import type { Property } from "./shape";
import { isObject, typeOf, type Schema } from "./schema";
import { text } from "./text";
import { asText } from "./value";

/** One of several values. */
export interface ValueChoice {
  value: unknown;
  label: string;
}

/** The values to choose from; undefined where any may be written. */
export function choicesOf(schema: Schema): ValueChoice[] | undefined {
  if (schema.enum !== undefined) return schema.enum.map((value) => ({ value, label: shown(value) }));
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives === undefined || alternatives.length === 0) return undefined;
  const choices = alternatives.filter(isObject).filter((one) => Object.hasOwn(one, "const")) as Schema[];
  if (choices.length !== alternatives.length) return undefined;
  return choices.map((one) => ({ value: one.const, label: one.title ?? shown(one.const) }));
}

/** The name of a field: what the plugin calls it, with its unit, and whether it may be left out. */
export function labelOf({ name, schema, isRequired }: Property): string {
  const plain = schema.title ?? readable(name);
  const unit = schema["x-unit"];
  const label = unit === undefined ? plain : text.withUnit(plain, unit);
  const isOpen = !isRequired && schema.default === undefined && typeOf(schema) !== "boolean";
  return isOpen ? text.optional(label) : label;
}

/** What the plugin says of a field, and what may be written there. */
export function hintOf(schema: Schema, ...more: string[]): string | undefined {
  const parts = [isolated(schema.description ?? ""), rangeOf(schema), ...more, usualOf(schema)];
  const hint = parts.filter((part) => part !== undefined && part !== "").join(" ");
  return hint === "" ? undefined : hint;
}

/** The first of the examples, where there is one. */
export function exampleOf({ examples }: Schema): string | undefined {
  const example = examples?.[0];
  return example === undefined || typeof example === "object" ? undefined : String(example);
}

/** What is wrong with a field, with an example of what would be right. */
export function errorOf(problem: string | undefined, schema: Schema): string | undefined {
  const example = exampleOf(schema);
  const told = problem === undefined ? undefined : inPlainWords(problem, schema);
  return told === undefined || example === undefined ? told : `${told} ${text.example(example)}`;
}

/** What validators say most often, without what only programs understand; anything else as it comes. */
function inPlainWords(problem: string, { pattern }: Schema): string {
  if (pattern !== undefined && problem.includes("does not match")) return text.wrongForm;
  return problem.includes("Is required.") ? text.isRequired : problem;
}

/** A value as people read it. */
export function shown(value: unknown): string {
  if (typeof value === "boolean") return value ? text.yes : text.no;
  if (Array.isArray(value)) return value.map(shown).join(", ");
  return asText(value);
}

/** `stream_title` as `Stream title`. */
export function readable(name: string): string {
  const words = name.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The heading of a group. */
export function groupName(group: string): string {
  return (Object.hasOwn(text.groups, group) ? text.groups[group] : undefined) ?? readable(group);
}

function rangeOf(schema: Schema): string | undefined {
  const type = typeOf(schema);
  if (type !== "number" && type !== "integer") return undefined;
  const { minimum: least, maximum: most } = schema;
  if (least !== undefined && most !== undefined) return text.range(count(least), count(most));
  if (least !== undefined) return text.rangeFrom(count(least));
  return most === undefined ? undefined : text.rangeTo(count(most));
}

function usualOf(schema: Schema): string | undefined {
  const { default: usual } = schema;
  // A list shows what is usual, a choice and a box have it as their own.
  const isSaid = usual !== undefined && usual !== "" && typeof usual !== "object" && typeof usual !== "boolean";
  return isSaid && choicesOf(schema) === undefined ? text.usual(shown(usual)) : undefined;
}
