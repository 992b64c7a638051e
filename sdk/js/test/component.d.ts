// What the build puts around a plugin. Not for authors, so without types.
export function exported(plugin: unknown, imports: unknown, places: unknown): any;
