import type { Texts } from "./en";
import { en } from "./en";

const hi: Texts = en;

export default hi;
