/** What every field of a form knows. */

import { createContext, use } from "react";
import type { Problems, Schema } from "./schema";

interface Form {
  /** The whole schema, for references. */
  root: Schema;
  problems: Problems;
  /** Nothing has to be filled in: the rest comes elsewhere. */
  isPartial: boolean;
}

export const FormContext = createContext<Form>({ root: {}, problems: {}, isPartial: false });

export const useForm = () => use(FormContext);
