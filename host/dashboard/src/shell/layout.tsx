import { Link, Navigate, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useUser } from "../api/session";
import { isAtLeast, useOrganisation, useRunsPlatform } from "../api/standing";
import markUrl from "../brand/mark.svg";
import { brand } from "../brand/brand";
import { useFaultCollection } from "../live/faults";
import { useLiveFigures } from "../live/health";
import { useRealtime } from "../live/realtime";
import { Icon } from "../ui/icon";
import { ConnectionNote, ImpersonationNote, MaintenanceNote } from "./notes";
import { navigation, type Entry } from "./navigation";
import { Framed } from "./framed";
import { ScopePlace } from "./scope-place";
import { text } from "./text";

// Menus and messages answer a hand; the first picture does not wait for them.
const AccountMenu = lazy(() => import("./account-menu").then(({ AccountMenu }) => ({ default: AccountMenu })));
const ScopeMenu = lazy(() => import("./scope-menu").then(({ ScopeMenu }) => ({ default: ScopeMenu })));
const Toasts = lazy(() => import("../ui/toasts").then(({ Toasts }) => ({ default: Toasts })));

/** The frame of every page for someone who is logged in. */
export function Layout() {
  const user = useUser();
  const next = useRouterState({ select: ({ location }) => location.href });
  // Made anew for somebody else, with a connection of their own: an administrator may act as another person.
  return user !== undefined ? <Frame key={user.id} /> : <Navigate to="/login" search={next === "/" ? {} : { next }} />;
}

function Frame() {
  useRealtime();
  useLiveFigures();
  useFaultCollection();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => setIsOpen(false), [path]);
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="fixed start-2 top-2 z-50 -translate-y-20 rounded-md bg-accent px-4 py-2 font-semibold text-on-accent
          focus:translate-y-0"
      >
        {text.skip}
      </a>
      <header
        className="flex flex-col gap-x-4 border-line bg-sunken max-lg:border-b lg:sticky lg:top-0 lg:h-dvh lg:border-e
          lg:p-4"
      >
        <div className="flex min-h-14 items-center justify-between gap-3 max-lg:px-4 lg:min-h-10">
          <Link to="/" className="flex items-center gap-2.5 text-base font-bold">
            <img src={markUrl} alt="" width="28" height="28" className="size-7" />
            {brand.name}
          </Link>
          <button
            type="button"
            aria-expanded={isOpen}
            aria-controls="navigation"
            aria-label={isOpen ? text.closeMenu : text.menu}
            onClick={() => setIsOpen(!isOpen)}
            className="-me-2 grid size-11 place-items-center rounded-md lg:hidden"
          >
            <Icon name={isOpen ? "close" : "menu"} />
          </button>
        </div>
        <div
          id="navigation"
          className={`min-h-0 flex-1 flex-col gap-5 overflow-y-auto max-lg:px-4 max-lg:pb-4 lg:mt-5 lg:flex
            ${isOpen ? "flex" : "hidden"}`}
        >
          <Suspense fallback={<ScopePlace />}>
            <ScopeMenu />
          </Suspense>
          <Navigation />
          <div className="mt-auto">
            <Suspense fallback={<div data-loading className="h-11" />}>
              <AccountMenu />
            </Suspense>
          </div>
        </div>
      </header>
      <div className="min-w-0">
        <ConnectionNote />
        <MaintenanceNote />
        <ImpersonationNote />
        <main id="content" tabIndex={-1} className="mx-auto grid max-w-6xl content-start gap-8 px-4 py-6 sm:px-8 sm:py-9">
          <Framed value>
            <Outlet />
          </Framed>
        </main>
      </div>
      <Suspense>
        <Toasts />
      </Suspense>
    </div>
  );
}

function Navigation() {
  const runsPlatform = useRunsPlatform();
  const role = useOrganisation()?.role;
  const isOpen = ({ leastRole }: Entry) => leastRole === undefined || (role != null && isAtLeast(role, leastRole));
  const groups = navigation.filter(({ isForPlatform }) => isForPlatform !== true || runsPlatform);
  return (
    <nav aria-label={text.navigation} className="grid gap-5">
      {groups.map(({ name, entries }) => (
        <div key={name} className="grid gap-1">
          <p id={`group-${name}`} className="px-3 text-xs font-semibold text-muted">
            {text.groups[name]}
          </p>
          <ul aria-labelledby={`group-${name}`}>
            {entries.filter(isOpen).map(({ to, name: page, hasParts = false }) => (
              <li key={to}>
                <Link
                  to={to}
                  activeOptions={{ exact: !hasParts }}
                  className="flex min-h-11 items-center border-s-2 border-transparent px-3 font-medium text-muted hover:text-ink
                    data-[status=active]:border-accent data-[status=active]:font-semibold
                    data-[status=active]:text-ink lg:min-h-9"
                >
                  {text.pages[page]}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

