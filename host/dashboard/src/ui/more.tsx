import { Button } from "./button";
import { text } from "./text";

interface Props {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** Reads the next page of a list; nothing where there is none. */
export function MoreButton({ query }: Props) {
  if (!query.hasNextPage) return null;
  return (
    <Button className="justify-self-start" isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {text.more}
    </Button>
  );
}
