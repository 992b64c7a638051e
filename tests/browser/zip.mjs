// Reads a small ZIP file (APPNOTE 4.3.7), such as a profile for OBS.
import { inflateRawSync } from "node:zlib";

const LOCAL_HEADER = 0x04034b50;

/** The text of every file in it, by path. */
export function filesOf(zip) {
  const files = new Map();
  let place = 0;
  while (place + 30 <= zip.length && zip.readUInt32LE(place) === LOCAL_HEADER) {
    const method = zip.readUInt16LE(place + 8);
    const size = zip.readUInt32LE(place + 18);
    const nameEnd = place + 30 + zip.readUInt16LE(place + 26);
    const begin = nameEnd + zip.readUInt16LE(place + 28);
    const content = zip.subarray(begin, begin + size);
    files.set(zip.toString("utf8", place + 30, nameEnd), (method === 0 ? content : inflateRawSync(content)).toString());
    place = begin + size;
  }
  return files;
}
