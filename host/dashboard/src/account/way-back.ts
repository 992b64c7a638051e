/** Where somebody wanted to go who had to log in first: a path of this host and nothing else. */
export function wayBack(next: string | undefined): string {
  // Browsers read `//host` and `/\host` as another host.
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : "/";
}
