import { useQueries } from "@tanstack/react-query";
import { call } from "../api/client";
import { buttonLook } from "../ui/button";
import { language } from "../text/language";
import type { Use } from "./usage";
import { text } from "./usage/text";

/** What to do where there is no room: those who run the server may have said where there is more. */
export function NoRoom({ uses }: { uses: readonly Use[] }) {
  const checked = useQueries({
    queries: uses.map(({ operation }) => ({
      queryKey: ["limits", operation],
      queryFn: () => call("post", "/api/subscriptions/check-limits", { body: { operation } }),
    })),
  });
  const address = checked.map(({ data }) => data?.upgrade_url).find((url) => url != null);
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-s-4 border-s-warn ps-4">
      <p className="text-sm">
        <b className="font-semibold">{new Intl.ListFormat(language).format(uses.map(({ label }) => label))}</b>: {text.usage.full}
      </p>
      {address != null && (
        <a href={address} className={buttonLook("primary")}>
          {text.usage.upgrade}
        </a>
      )}
    </div>
  );
}
