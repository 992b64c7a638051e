/** Files for the reader's disk. */

import { signedIn } from "../api/client";

/** Fetches a file of the API and saves it. */
export async function saveFile(address: string, name: string) {
  const answer = await signedIn(address, { headers: { Accept: "*/*" } });
  saveBlob(await answer.blob(), name);
}

/** Saves what the page itself has. */
export function saveBlob(content: Blob, name: string) {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Browsers read it after the click; one that was given up too early saves nothing.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
