/** What is looked for in the catalogue, as it stands in the address. */

export const kinds = ["destination", "chat", "moderation", "payment"] as const;

export interface CatalogueSearch {
  q?: string;
  kind?: string;
}

/** Anything else in the address is passed over. */
export function catalogueSearch(search: Record<string, unknown>): CatalogueSearch {
  const { q, kind } = search;
  return {
    ...(typeof q === "string" && q !== "" && { q }),
    ...(kinds.some((known) => known === kind) && { kind: String(kind) }),
  };
}
