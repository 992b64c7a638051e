import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import markUrl from "../brand/mark.svg";
import { brand } from "../brand/brand";
import { chooseTheme, themes, useTheme, type Theme } from "../shell/theme";
import { text as shell } from "../shell/text";
import { Choice } from "../ui/field";
import { Page } from "../ui/page";
import { Colours } from "./colours";
import { Motion, Space, Type } from "./foundations";
import { text } from "./text";

const Components = lazy(() => import("./components").then(({ Components }) => ({ default: Components })));
const Toasts = lazy(() => import("../ui/toasts").then(({ Toasts }) => ({ default: Toasts })));

/** Everything that pages are made of, on one page. */
export function DesignPage() {
  return (
    <main className="mx-auto grid max-w-5xl content-start gap-12 px-4 py-6 sm:px-8 sm:py-9">
      <Link to="/" className="flex w-fit items-center gap-2.5 text-base font-bold">
        <img src={markUrl} alt="" width="28" height="28" className="size-7" />
        {brand.name}
      </Link>
      <Page title={text.title} intro={text.intro}>
        <ThemeChoice />
        <Type />
        <Space />
        <Colours />
        <Motion />
        <Suspense>
          <Components />
        </Suspense>
      </Page>
      <Suspense>
        <Toasts />
      </Suspense>
    </main>
  );
}

function ThemeChoice() {
  const theme = useTheme();
  return (
    <div className="max-w-xs">
      <Choice
        label={shell.appearance}
        name="theme"
        options={themes.map((value) => ({ value, label: shell.themes[value] }))}
        value={theme}
        onChange={(value) => chooseTheme(value as Theme)}
      />
    </div>
  );
}
