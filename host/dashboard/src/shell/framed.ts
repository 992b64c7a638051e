import { createContext } from "react";

/** Whether a page stands in the frame, which has its `<main>` already. */
export const Framed = createContext(false);
