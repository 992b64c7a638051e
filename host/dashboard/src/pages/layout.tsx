import { Link, Navigate, Outlet, useRouter } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import markUrl from "../brand/mark.svg";
import { brand } from "../brand/brand";
import { useLiveEvents } from "../api/realtime";
import { logOut, useUser } from "../api/session";
import type { User } from "../api/types";
import { text } from "../text/text";
import { Button } from "../ui/button";

/** The frame of every page for someone who is logged in. */
export function Layout() {
  const user = useUser();
  return user === undefined ? <Navigate to="/login" /> : <Frame user={user} />;
}

function Frame({ user }: { user: User }) {
  const client = useQueryClient();
  const router = useRouter();
  useLiveEvents();
  const leave = async () => {
    await logOut();
    client.clear();
    await router.navigate({ to: "/login" });
  };
  return (
    <>
      <a
        href="#content"
        className="absolute top-2 left-2 z-10 -translate-y-16 rounded-lg bg-accent px-4 py-2 text-on-accent
          focus:translate-y-0"
      >
        {text.common.skip}
      </a>
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex max-w-5xl items-center justify-between gap-4 px-4 py-3 sm:px-6">
          <Link to="/" className="flex items-center gap-2.5 rounded-md font-semibold tracking-tight">
            <img src={markUrl} alt="" className="size-7" />
            {brand.name}
          </Link>
          <div className="flex min-w-0 items-center gap-3">
            <span className="truncate text-sm text-muted">{user.display_name}</span>
            <Button onClick={() => void leave()}>{text.account.logOut}</Button>
          </div>
        </div>
      </header>
      <main id="content" className="mx-auto grid max-w-5xl gap-6 px-4 py-8 sm:px-6">
        <Outlet />
      </main>
    </>
  );
}
