/** Words of sources and their destinations. */

export { en as text } from "./en";
