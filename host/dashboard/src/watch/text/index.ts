/** Words of the viewer page. */

export { en as text } from "./en";
