import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { Button, buttonLook } from "../ui/button";
import { ErrorNote } from "../ui/error-note";
import { text } from "./text";

/** What stands where no page is. */
export function NotFoundPage() {
  return (
    <main className="mx-auto grid max-w-xl gap-4 px-4 py-16">
      <h1 className="text-2xl font-bold">{text.notFoundTitle}</h1>
      <p className="text-muted">{text.notFound}</p>
      <Link to="/" className={`${buttonLook("primary")} w-fit`}>
        {text.toOverview}
      </Link>
    </main>
  );
}

/** What stands in the place of a page that broke. */
export function BrokenPage({ error }: ErrorComponentProps) {
  return (
    <main className="mx-auto grid max-w-xl gap-4 px-4 py-16">
      <h1 className="text-2xl font-bold">{text.brokenTitle}</h1>
      <p className="text-muted">{text.broken}</p>
      <ErrorNote error={error} />
      <Button look="primary" onClick={() => location.reload()} className="w-fit">
        {text.reload}
      </Button>
    </main>
  );
}
