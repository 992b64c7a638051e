import type { Texts } from "./en";
import { en } from "./en";

const es: Texts = en;

export default es;
