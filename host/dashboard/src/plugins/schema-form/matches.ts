/**
 * Whether a value fits a schema: as much of it as conditions (`if`, `oneOf`) are written with.
 *
 * What is not known here is taken to fit; patterns are not tried, since an author's pattern could hold up the page.
 */

import { isObject, resolved, type Schema } from "./schema";

export function matches(schema: unknown, value: unknown, root: Schema): boolean {
  if (schema === false) return false;
  const rule = resolved(schema, root);
  return (
    hasType(rule, value) &&
    hasValue(rule, value) &&
    isInBounds(rule, value) &&
    hasProperties(rule, value, root) &&
    hasItems(rule, value, root) &&
    isCombined(rule, value, root)
  );
}

/** Whether two JSON values are the same one. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
    );
  }
  return one === other;
}

function hasType({ type }: Schema, value: unknown): boolean {
  if (type === undefined) return true;
  return (typeof type === "string" ? [type] : type).some((one) => isOfType(one, value));
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function hasValue(rule: Schema, value: unknown): boolean {
  if (Object.hasOwn(rule, "const") && !isSame(rule.const, value)) return false;
  return rule.enum === undefined || rule.enum.some((one) => isSame(one, value));
}

function isInBounds(rule: Schema, value: unknown): boolean {
  const within = (size: number, least = -Infinity, most = Infinity) => size >= least && size <= most;
  if (typeof value === "number") {
    return (
      within(value, rule.minimum, rule.maximum) &&
      (rule.exclusiveMinimum === undefined || value > rule.exclusiveMinimum) &&
      (rule.exclusiveMaximum === undefined || value < rule.exclusiveMaximum)
    );
  }
  if (typeof value === "string") return within([...value].length, rule.minLength, rule.maxLength);
  return !Array.isArray(value) || within(value.length, rule.minItems, rule.maxItems);
}

function hasProperties(rule: Schema, value: unknown, root: Schema): boolean {
  if (!isObject(value)) return true;
  const has = (name: string) => Object.hasOwn(value, name);
  if (rule.required?.some((name) => !has(name))) return false;
  const properties = Object.entries(rule.properties ?? {});
  return properties.every(([name, property]) => !has(name) || matches(property, value[name], root));
}

function hasItems({ items }: Schema, value: unknown, root: Schema): boolean {
  return !Array.isArray(value) || items === undefined || value.every((item) => matches(items, item, root));
}

function isCombined(rule: Schema, value: unknown, root: Schema): boolean {
  const fits = (schema: unknown) => matches(schema, value, root);
  if (rule.not !== undefined && fits(rule.not)) return false;
  if (rule.allOf?.some((schema) => !fits(schema))) return false;
  if (rule.anyOf !== undefined && !rule.anyOf.some(fits)) return false;
  if (rule.oneOf !== undefined && rule.oneOf.filter(fits).length !== 1) return false;
  if (rule.if === undefined) return true;
  return fits(rule.if) ? rule.then === undefined || fits(rule.then) : rule.else === undefined || fits(rule.else);
}
