/** The source that the pages below its address are about. */

import { createContext, use } from "react";
import type { Stream } from "../api/types";

export const Current = createContext<Stream | undefined>(undefined);

/** The source of this page, with what runs of it; its frame shows the page only once it is there. */
export function useCurrentSource(): Stream {
  const source = use(Current);
  if (source === undefined) throw new Error("this page stands in no source");
  return source;
}
