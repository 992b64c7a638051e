import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { useContext, type ReactNode } from "react";
import { Button, buttonLook } from "../ui/button";
import { ErrorNote } from "../ui/error-note";
import { Framed } from "./framed";
import { text } from "./text";

/** What stands where no page is. */
export function NotFoundPage() {
  return (
    <Alone>
      <h1 className="text-2xl font-bold">{text.notFoundTitle}</h1>
      <p className="text-muted">{text.notFound}</p>
      <Link to="/" className={`${buttonLook("primary")} w-fit`}>
        {text.toOverview}
      </Link>
    </Alone>
  );
}

/** What stands in the place of a page that broke. */
export function BrokenPage({ error }: ErrorComponentProps) {
  return (
    <Alone>
      <h1 className="text-2xl font-bold">{text.brokenTitle}</h1>
      <p className="text-muted">{text.broken}</p>
      <ErrorNote error={error} />
      <Button look="primary" onClick={() => location.reload()} className="w-fit">
        {text.reload}
      </Button>
    </Alone>
  );
}

function Alone({ children }: { children: ReactNode }) {
  const Room = useContext(Framed) ? "div" : "main";
  return <Room className="mx-auto grid max-w-xl gap-4 px-4 py-16">{children}</Room>;
}
