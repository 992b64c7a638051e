/** Values of a form: how texts become them, and what of them is sent. */

import { propertiesOf } from "./shape";
import { isObject, resolved, typeOf, type Config, type Schema } from "./schema";

/** `value` with `name` set; without it where there is nothing to set. */
export function withValue(value: Config, name: string, next: unknown): Config {
  const { [name]: _, ...others } = value;
  return next === undefined ? others : { ...value, [name]: next };
}

/** A filled-in text in the type of its schema; undefined for nothing. What does not fit is left as it is, to be judged. */
export function typed(text: string, schema: Schema): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const type = typeOf(schema);
  if (type !== "number" && type !== "integer") return text;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : trimmed;
}

/** How a value stands in a field for text. */
export function asText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One value a line. */
export function linesOf(text: string, items: Schema): unknown[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").map((line) => typed(line, items));
}

/**
 * What is sent: of the fields that apply now what is filled in, with the constants that must be there.
 *
 * Fields that a condition has taken away keep their values in the form, so that they come back with it; they are not
 * sent.
 */
export function configToSend(schema: Schema, value: Config): Record<string, unknown> {
  return objectToSend(schema, value, schema);
}

function objectToSend(schema: Schema, value: Config, root: Schema): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  const properties = propertiesOf(schema, value, root);
  for (const { name, schema: property, isRequired } of properties) {
    const one = valueToSend(property, value[name], isRequired, root);
    if (one !== undefined) sent[name] = one;
  }
  if (isClosed(schema)) return sent;
  const known = namesIn(schema, root, 0);
  return { ...Object.fromEntries(Object.entries(value).filter(([name]) => !known.has(name))), ...sent };
}

function valueToSend(schema: Schema, value: unknown, isRequired: boolean, root: Schema): unknown {
  if (isRequired && value === undefined) {
    if (schema.const !== undefined) return schema.const;
    // A box that is not ticked says no.
    if (typeOf(schema) === "boolean") return schema.default ?? false;
    if (schema.default !== undefined) return schema.default;
  }
  if (typeof value === "string") return value.trim() === "" ? undefined : value.trim();
  if (Array.isArray(value)) return value.map((item) => itemToSend(schema, item, root));
  if (!isObject(value)) {
    return value ?? (isRequired && typeOf(schema) === "object" ? objectToSend(schema, {}, root) : undefined);
  }
  const sent = objectToSend(schema, value, root);
  return isRequired || Object.keys(sent).length > 0 ? sent : undefined;
}

function itemToSend({ items }: Schema, item: unknown, root: Schema): unknown {
  return isObject(item) ? objectToSend(resolved(items, root), item, root) : item;
}

function isClosed(schema: Schema): boolean {
  return schema.additionalProperties === false || schema.unevaluatedProperties === false;
}

/** All names that the schema speaks of under any condition. */
function namesIn(given: unknown, root: Schema, depth: number): Set<string> {
  if (depth > 8 || !isObject(given)) return new Set();
  const schema = resolved(given, root);
  const parts: unknown[] = [
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    schema.then,
    schema.else,
    ...Object.values(schema.dependentSchemas ?? {}),
  ];
  const names = new Set(Object.keys(schema.properties ?? {}));
  for (const part of parts) namesIn(part, root, depth + 1).forEach((name) => names.add(name));
  return names;
}
