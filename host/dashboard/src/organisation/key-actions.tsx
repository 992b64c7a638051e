import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { call } from "../api/client";
import { Button } from "../ui/button";
import { removeWithUndo } from "../ui/toast";
import type { ApiKeyBody } from "../../generated/schema";
import { apiKeysQuery } from "./queries";
import { text } from "./keys/text";

const EditKey = lazy(() => import("./key-dialogs").then(({ EditKey }) => ({ default: EditKey })));
const RotateKey = lazy(() => import("./key-dialogs").then(({ RotateKey }) => ({ default: RotateKey })));

/** What can be done with a key. */
export function KeyActions({ apiKey }: { apiKey: ApiKeyBody }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<"edit" | "rotate">();
  const close = () => setOpen(undefined);
  const remove = () =>
    removeWithUndo(apiKey.id, {
      message: text.keys.deleted(apiKey.name),
      commit: async ({ keepalive }) => {
        await call("delete", "/api/api-keys/{id}", { parameters: { id: apiKey.id }, keepalive });
        await client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
      },
    });
  return (
    <span className="flex flex-wrap gap-x-1 sm:justify-end">
      <Button look="plain" onClick={() => setOpen("edit")} aria-label={`${text.keys.edit}: ${apiKey.name}`}>
        {text.keys.edit}
      </Button>
      <Button look="plain" onClick={() => setOpen("rotate")} aria-label={`${text.keys.rotate}: ${apiKey.name}`}>
        {text.keys.rotate}
      </Button>
      <Button look="plain" onClick={remove} aria-label={`${text.keys.delete}: ${apiKey.name}`}>
        {text.keys.delete}
      </Button>
      {open !== undefined && (
        <Suspense>
          {open === "edit" ? <EditKey apiKey={apiKey} onClose={close} /> : <RotateKey apiKey={apiKey} onClose={close} />}
        </Suspense>
      )}
    </span>
  );
}
