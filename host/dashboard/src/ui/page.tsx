import { useEffect, useRef, type ReactNode } from "react";
import { Link, useRouterState } from "@tanstack/react-router";
import { brand } from "../brand/brand";

interface PageProps {
  /** The heading; also the title of the window, if `name` gives no shorter one. */
  title: string;
  name?: string;
  /** The way back to what this page is a part of: an `UpLink`. */
  up?: ReactNode;
  /** A sentence under the heading. */
  intro?: ReactNode;
  /** What stands beside the heading, such as a state. */
  aside?: ReactNode;
  actions?: ReactNode;
  /** Pages that are part of this one, as links. */
  tabs?: ReactNode;
  children: ReactNode;
}

/** The frame of a page: heading, what can be done, content. The heading takes the focus when one comes from another page. */
export function Page({ title, name = title, up, intro, aside, actions, tabs, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const first = useRef(path);
  useEffect(() => {
    if (first.current === path && window.history.length <= 1) return;
    // What takes the focus by itself, such as the first field of a form, keeps it.
    if (document.activeElement === null || document.activeElement === document.body) heading.current?.focus();
  }, [path]);
  return (
    <>
      <title>{`${name} · ${brand.name}`}</title>
      <header className="grid gap-x-6 gap-y-4 sm:grid-cols-[1fr_auto] sm:items-end">
        <div className="grid min-w-0 gap-1.5">
          {up}
          <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
            <h1 ref={heading} tabIndex={-1} className="text-2xl font-bold wrap-anywhere">
              {title}
            </h1>
            {aside}
          </div>
          {intro !== undefined && <p className="max-w-[65ch] text-muted">{intro}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
        {tabs !== undefined && <div className="min-w-0 sm:col-span-2">{tabs}</div>}
      </header>
      {children}
    </>
  );
}

interface SectionProps {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Without a ground of its own, for content that brings one. */
  isBare?: boolean;
}

/** A titled part of a page. */
export function Section({ title, intro, actions, children, isBare = false }: SectionProps) {
  return (
    <section className="grid min-w-0 gap-3">
      <header className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div className="grid gap-1">
          <h2 className="text-lg font-semibold">{title}</h2>
          {intro !== undefined && <p className="max-w-[65ch] text-sm text-muted">{intro}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {isBare ? children : <Panel>{children}</Panel>}
    </section>
  );
}

/** A ground for what belongs together. */
export function Panel({ children, className = "" }: { children: ReactNode; className?: string }) {
  return <div className={`min-w-0 rounded-lg border border-line bg-surface p-4 sm:p-5 ${className}`}>{children}</div>;
}

interface TabsProps {
  /** What the pages are parts of. */
  label: string;
  children: ReactNode;
}

/** The parts of a thing, each with an address: links, not buttons. Give it `Tab`s. */
export function Tabs({ label, children }: TabsProps) {
  const nav = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // Where not all fit, the one that is shown is in sight.
  useEffect(() => {
    nav.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [path]);
  return (
    <nav ref={nav} aria-label={label} className="-mb-px overflow-x-auto border-b border-line">
      <ul className="flex gap-5">{children}</ul>
    </nav>
  );
}

const tabLook = `inline-flex min-h-11 items-center border-b-2 border-transparent text-sm font-semibold whitespace-nowrap
  text-muted hover:text-ink data-[status=active]:border-accent data-[status=active]:text-ink`;

/** One of `Tabs`. `to` is a whole path. */
export function Tab({ to, children, isExact = true }: { to: string; children: ReactNode; isExact?: boolean }) {
  return (
    <li>
      <Link to={to} activeOptions={{ exact: isExact }} className={tabLook}>
        {children}
      </Link>
    </li>
  );
}

/** The way back to what this page is a part of. */
export function UpLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to} className="w-fit text-sm font-medium text-muted underline-offset-4 hover:text-ink hover:underline">
      <span aria-hidden className="inline-block rtl:-scale-x-100">
        ←
      </span>{" "}
      {children}
    </Link>
  );
}
