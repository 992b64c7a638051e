// Writes `generated/schema.d.ts`: the types of the API's OpenAPI document.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const document = JSON.parse(await readFile(new URL("../api/openapi.json", import.meta.url), "utf8"));

// Operations are known here by method and path. Without their ids the generator writes each where it belongs, so
// two of one id cannot take each other's place.
for (const operations of Object.values(document.paths)) {
  for (const operation of Object.values(operations)) delete operation.operationId;
}

const types = await openapiTS(document, { rootTypes: true, rootTypesNoSchemaPrefix: true, silent: true });
await mkdir(new URL("generated", import.meta.url), { recursive: true });
await writeFile(new URL("generated/schema.d.ts", import.meta.url), astToString(types));
