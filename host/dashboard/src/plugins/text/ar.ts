import type { Texts } from "./en";
import { en } from "./en";

const ar: Texts = en;

export default ar;
