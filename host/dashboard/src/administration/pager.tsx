import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { count } from "../format/format";
import type { PaginationBody } from "../../generated/schema";
import { text } from "./text";

interface Props {
  pagination: PaginationBody;
  onTurn: (page: number) => void;
}

/** The way through a list with numbered pages; nothing where there is only one. */
export function Pager({ pagination: { page, total_pages: pages }, onTurn }: Props) {
  if (pages <= 1 && page <= 1) return null;
  return (
    <nav aria-label={text.pager.label} className="flex flex-wrap items-center gap-3">
      <Button disabled={page <= 1} onClick={() => onTurn(Math.min(page - 1, pages))}>
        <Icon name="back" className="size-4" />
        {text.pager.previous}
      </Button>
      <span role="status" className="text-sm text-muted">
        {text.pager.place(count(page), count(pages))}
      </span>
      <Button disabled={page >= pages} onClick={() => onTurn(page + 1)}>
        {text.pager.next}
        <Icon name="back" className="size-4 -scale-x-100 rtl:scale-x-100" />
      </Button>
    </nav>
  );
}
