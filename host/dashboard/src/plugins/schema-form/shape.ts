/** Which fields an object has at the moment: conditions, alternatives and references are followed for its values. */

import { isSame, matches } from "./matches";
import { isObject, resolved, type Config, type Schema } from "./schema";

/** A field of an object as it applies now. */
export interface Property {
  name: string;
  schema: Schema;
  isRequired: boolean;
}

/** A part of a form with a heading; the first one has none. */
export interface Group {
  name: string | undefined;
  properties: readonly Property[];
}

/** The fields that apply to `value`, in the order in which they are asked. */
export function propertiesOf(schema: Schema, value: Config, root: Schema): Property[] {
  const shape = shapeOf(schema, value, root);
  const present = withDefaults(shape.properties, value);
  const all = Object.entries(shape.properties)
    .filter(([, property]) => isShown(property, present))
    .map(([name, property]) => ({ name, schema: property, isRequired: shape.required.has(name) }));
  const place = ({ schema }: Property) => schema["x-order"] ?? Number.MAX_SAFE_INTEGER;
  const comesFirst = ({ name }: Property) => Number(shape.always.has(name));
  // Sorting is stable: among equals the schema's own order stays.
  return behindConditions(all.sort((a, b) => place(a) - place(b) || comesFirst(b) - comesFirst(a)));
}

/** A field that waits for another one's value stands behind it. */
function behindConditions(properties: readonly Property[]): Property[] {
  const ordered = [...properties];
  for (const property of properties) {
    const waitsFor = Object.keys(property.schema["x-when"] ?? {});
    const last = Math.max(...waitsFor.map((name) => ordered.findIndex((one) => one.name === name)));
    const own = ordered.indexOf(property);
    if (last <= own) continue;
    ordered.splice(last + 1, 0, property);
    ordered.splice(own, 1);
  }
  return ordered;
}

/** Fields that carry the same `x-group` stand together, where the first of them does; `advanced` comes last. */
export function grouped(properties: readonly Property[]): Group[] {
  const groups = new Map<string | undefined, Property[]>([[undefined, []]]);
  for (const property of properties) {
    const wanted = property.schema["x-group"];
    // Nobody should have to unfold what must be filled in.
    const name = wanted === "advanced" && property.isRequired ? undefined : wanted;
    groups.set(name, [...(groups.get(name) ?? []), property]);
  }
  const all = [...groups].map(([name, properties]) => ({ name, properties }));
  const isAdvanced = ({ name }: Group) => Number(name === "advanced");
  return all.filter(({ properties }) => properties.length > 0).sort((a, b) => isAdvanced(a) - isAdvanced(b));
}

interface Shape {
  properties: Record<string, Schema>;
  required: Set<string>;
  /** Those that are required whatever the values are: a field does not move when a condition comes to hold. */
  always: Set<string>;
}

const MAX_DEPTH = 8;

function shapeOf(schema: Schema, value: Config, root: Schema): Shape {
  const shape: Shape = { properties: {}, required: new Set(), always: new Set() };
  add(shape, schema, value, root, 0, true);
  return shape;
}

/** Adds what `schema` says of the fields of `value`; `isCertain` where it says so whatever the values are. */
function add(shape: Shape, given: unknown, value: Config, root: Schema, depth: number, isCertain: boolean) {
  // Schemas may speak of themselves.
  if (depth > MAX_DEPTH || !isObject(given)) return;
  const schema = resolved(given, root);
  const more = (part: unknown) => add(shape, part, value, root, depth + 1, false);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property === false) continue;
    shape.properties[name] = { ...shape.properties[name], ...resolved(property, root) };
  }
  schema.required?.forEach((name) => {
    shape.required.add(name);
    if (isCertain) shape.always.add(name);
  });
  schema.allOf?.forEach((part) => add(shape, part, value, root, depth + 1, isCertain));
  if (schema.if !== undefined) more(matches(schema.if, value, root) ? schema.then : schema.else);
  const has = (name: string) => value[name] !== undefined;
  for (const [name, names] of Object.entries(schema.dependentRequired ?? {})) {
    if (has(name)) names.forEach((one) => shape.required.add(one));
  }
  for (const [name, part] of Object.entries(schema.dependentSchemas ?? {})) {
    if (has(name)) more(part);
  }
  const variants = (schema.oneOf ?? schema.anyOf ?? []).map((variant) => resolved(variant, root));
  if (variants.length > 0) addVariant(shape, schema, variants, value, more);
}

/** Of alternatives that a value tells apart the chosen one; of others all fields, none of them required. */
function addVariant(
  shape: Shape,
  schema: Schema,
  variants: readonly Schema[],
  value: Config,
  more: (part: unknown) => void,
) {
  const telling = schema.discriminator?.propertyName ?? discriminatorOf(variants);
  if (telling === undefined) {
    variants.forEach(({ required: _, ...variant }) => more(variant));
    return;
  }
  const choices = variants.map((variant) => constantOf(variant, telling));
  const before = shape.properties[telling];
  const alternatives = variants.map(({ title, description }, index) => ({
    const: choices[index],
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
  }));
  const chosen = value[telling] ?? before?.default;
  more(variants.find((_, index) => isSame(choices[index], chosen)));
  shape.required.add(telling);
  // What is chosen by comes before what is chosen.
  shape.always.add(telling);
  // After the variant, whose own word for the field would leave only itself to be chosen.
  const { const: _, enum: __, ...field } = shape.properties[telling] ?? {};
  shape.properties[telling] = { ...field, ...before, type: "string", oneOf: alternatives };
}

/** The field whose constant is another one in every alternative. */
function discriminatorOf(variants: readonly Schema[]): string | undefined {
  const names = Object.keys(variants[0]?.properties ?? {});
  return names.find((name) => {
    const constants = variants.map((variant) => constantOf(variant, name));
    return constants.every((one, index) => one !== undefined && constants.indexOf(one) === index);
  });
}

function constantOf(variant: Schema, name: string): unknown {
  const property = variant.properties?.[name];
  if (!isObject(property)) return undefined;
  return property["const"] ?? (property as Schema).enum?.[0];
}

/** What the plugin sees where nothing is set. */
function withDefaults(properties: Record<string, Schema>, value: Config): Config {
  const present: Record<string, unknown> = { ...value };
  for (const [name, { default: usual }] of Object.entries(properties)) present[name] ??= usual;
  return present;
}

function isShown({ "x-when": when }: Schema, present: Config): boolean {
  return Object.entries(when ?? {}).every(([name, wanted]) =>
    (Array.isArray(wanted) ? wanted : [wanted]).some((one) => isSame(one, present[name])),
  );
}
