/** Forms that are made from a plugin's JSON Schema and its secrets. */

export { problemsAt, problemsOf } from "./problems";
export { SchemaFields } from "./schema-fields";
export { SecretFields, type SecretChanges } from "./secret-fields";
export { configToSend } from "./value";
export type { Config, Problems } from "./schema";
