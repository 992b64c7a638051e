import type { ReactNode } from "react";
import { Loaded } from "../ui/loading";
import { Page, UpLink } from "../ui/page";
import { text } from "./text";

interface Props<T> {
  query: Parameters<typeof Loaded<T>>[0]["query"];
  /** What the page is called until its content is there. */
  title: string;
  /** Where the thing would be found among others. */
  up: "/plugins" | "/plugins/installed";
  /** The page. */
  children: (data: T) => ReactNode;
}

/** A page whose heading comes with its content; one with a heading of its own until then, and where there is none. */
export function AwaitedPage<T>({ query, title, up, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  const name = up === "/plugins" ? text.catalogue.title : text.installed.title;
  return (
    <Page title={title} up={<UpLink to={up}>{name}</UpLink>}>
      <Loaded query={query} lines={6}>
        {children}
      </Loaded>
    </Page>
  );
}
