/** What changed between two states of a thing, as rows that a person reads. */

/** One field that is not what it was. */
export interface Change {
  /** Its name, with dots between the names of what it is in, such as `limits.per_minute`. */
  field: string;
  /** Undefined where there was or is none. */
  before: unknown;
  after: unknown;
}

/** The fields in which two states differ, in the order of the later one. */
export function changes(before: unknown, after: unknown): Change[] {
  const [was, is] = [flat(before), flat(after)];
  const fields = [...new Set([...is.keys(), ...was.keys()])];
  return fields
    .map((field) => ({ field, before: was.get(field), after: is.get(field) }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after) || isSecret(change.after));
}

/** What an entry shows of a secret: only that it changed. */
export function isSecret(value: unknown): boolean {
  return isObject(value) && value["changed"] === true && Object.keys(value).length === 1;
}

/** Every field that is no object itself. Lists are one value: what moved in them is seen as a whole. */
function flat(value: unknown, place = ""): Map<string, unknown> {
  if (!isObject(value) || isSecret(value)) return new Map(place === "" ? [] : [[place, value]]);
  const fields = Object.entries(value);
  if (fields.length === 0 && place !== "") return new Map([[place, value]]);
  return new Map(fields.flatMap(([name, inner]) => [...flat(inner, place === "" ? name : `${place}.${name}`)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
