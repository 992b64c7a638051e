/**
 * The part of JSON Schema 2020-12 that forms are made of, and the words of our own (`x-…`, docs/PLUGINS.md).
 *
 * The schema comes from a plugin's author: nothing here trusts its shape, and what a form cannot show is left to a
 * field for JSON. The server judges; forms only help.
 */

/** A place in a configuration: JSON pointer (RFC 6901); empty for the whole. */
export type Pointer = string;

/** What is wrong, by place. */
export type Problems = Readonly<Record<Pointer, string>>;

export type Config = Readonly<Record<string, unknown>>;

export interface Schema {
  type?: string | readonly string[];
  title?: string;
  description?: string;
  default?: unknown;
  examples?: readonly unknown[];
  const?: unknown;
  enum?: readonly unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: Schema | boolean;
  properties?: Readonly<Record<string, Schema | boolean>>;
  required?: readonly string[];
  additionalProperties?: unknown;
  unevaluatedProperties?: unknown;
  dependentRequired?: Readonly<Record<string, readonly string[]>>;
  dependentSchemas?: Readonly<Record<string, Schema | boolean>>;
  if?: Schema | boolean;
  then?: Schema | boolean;
  else?: Schema | boolean;
  allOf?: readonly (Schema | boolean)[];
  anyOf?: readonly (Schema | boolean)[];
  oneOf?: readonly (Schema | boolean)[];
  not?: Schema | boolean;
  discriminator?: { propertyName?: string };
  $ref?: string;
  $defs?: Readonly<Record<string, Schema | boolean>>;
  deprecated?: boolean;
  readOnly?: boolean;
  /** The group that a field stands in; `advanced` is folded. */
  "x-group"?: string;
  /** How a field is filled in: `url`, `lines`, `text` (several lines). */
  "x-widget"?: string;
  /** Lower ones come first. */
  "x-order"?: number;
  /** The unit of a number. */
  "x-unit"?: string;
  /** Values of fields beside it, on which it is shown. */
  "x-when"?: Readonly<Record<string, unknown>>;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The schema of what may be anything. */
const ANYTHING: Schema = {};

const asSchema = (schema: unknown): Schema => (isObject(schema) ? (schema as Schema) : ANYTHING);

/** `#/$defs/x` followed within `root`, with what stands beside the reference; a reference to nothing says nothing. */
export function resolved(schema: unknown, root: Schema): Schema {
  let found = asSchema(schema);
  // A reference to a reference may go round in a circle.
  for (let hops = 0; found.$ref !== undefined && hops < 16; hops++) {
    const { $ref, ...beside } = found;
    found = { ...asSchema(at(root, pointerOf($ref))), ...beside };
  }
  return found;
}

function pointerOf(reference: string): Pointer {
  try {
    return decodeURIComponent(reference.replace(/^#/, ""));
  } catch {
    return "";
  }
}

/** What stands at a place of `value`; undefined where nothing does. */
export function at(value: unknown, pointer: Pointer): unknown {
  return tokens(pointer).reduce<unknown>(
    (found, token) =>
      (isObject(found) || Array.isArray(found)) && Object.hasOwn(found, token)
        ? (found as Record<string, unknown>)[token]
        : undefined,
    value,
  );
}

/** The place of `token` within the place `pointer`. */
export function below(pointer: Pointer, token: string | number): Pointer {
  return `${pointer}/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Whether `pointer` is `place` or lies in it. */
export function isWithin(pointer: Pointer, place: Pointer): boolean {
  return pointer === place || pointer.startsWith(`${place}/`);
}

function tokens(pointer: Pointer): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The type that fields are made for: of several the first that is not `null`; from its values where none is said. */
export function typeOf(schema: Schema): string | undefined {
  const { type } = schema;
  if (typeof type === "string") return type;
  if (Array.isArray(type)) return type.find((one) => one !== "null");
  if (schema.properties !== undefined) return "object";
  if (schema.items !== undefined) return "array";
  const sample = schema.const ?? schema.enum?.[0] ?? schema.default;
  if (Array.isArray(sample)) return "array";
  if (isObject(sample)) return "object";
  if (typeof sample === "number") return "number";
  if (typeof sample === "boolean" || typeof sample === "string") return typeof sample;
  return undefined;
}
