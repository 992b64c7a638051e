import { useMutation } from "@tanstack/react-query";
import { useId, type FormEvent, type ReactNode } from "react";
import markUrl from "../brand/mark.svg";
import { brand } from "../brand/brand";
import { chooseLanguage, language, languages, type Language } from "../text/language";
import { Button } from "../ui/button";
import { ErrorNote } from "../ui/error-note";
import { inAccountWords } from "./refusals";
import { text } from "./text";

/** How a link looks within a sentence of these pages. */
export const linkLook = "font-medium text-accent underline underline-offset-4";

interface FrameProps {
  title: string;
  intro?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
}

/** The frame of every page around signing in: one sheet in the middle, and the language, which nobody has chosen yet. */
export function AccountFrame({ title, intro, children, footer }: FrameProps) {
  return (
    <main className="grid min-h-dvh content-center justify-items-center px-4 py-10">
      <title>{`${title} · ${brand.name}`}</title>
      <div className="grid w-full max-w-sm gap-6">
        <div className="flex items-center gap-2.5 text-lg font-bold">
          <img src={markUrl} alt="" className="size-8" width="32" height="32" />
          {brand.name}
        </div>
        <div className="grid gap-5 rounded-lg border border-line bg-surface p-5 sm:p-7">
          <div className="grid gap-1.5">
            <h1 className="text-xl font-bold wrap-anywhere">{title}</h1>
            {intro !== undefined && <p className="text-muted wrap-anywhere">{intro}</p>}
          </div>
          {children}
        </div>
        {footer !== undefined && <div className="text-sm text-muted">{footer}</div>}
        <LanguageChoice />
      </div>
    </main>
  );
}

interface Props extends Omit<FrameProps, "children"> {
  submitLabel: string;
  submit: (fields: Record<string, string>) => Promise<void>;
  children?: ReactNode;
  /** What follows when it is done: a sentence, or the way on. */
  done: ReactNode | (() => unknown);
  /** What stands under the button, such as other ways in. */
  after?: ReactNode;
}

/** A page of one form. */
export function AccountPage({ submitLabel, submit, children, done, after, ...frame }: Props) {
  const sending = useMutation({
    mutationFn: submit,
    onSuccess: () => (typeof done === "function" ? done() : undefined),
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    sending.mutate(Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>);
  };
  return (
    <AccountFrame {...frame}>
      {sending.isSuccess && typeof done !== "function" ? (
        <p role="status">{done}</p>
      ) : (
        <form onSubmit={onSubmit} className="grid gap-5">
          {children}
          <ErrorNote error={inAccountWords(sending.error)} />
          <Button look="primary" type="submit" isBusy={sending.isPending}>
            {submitLabel}
          </Button>
        </form>
      )}
      {after}
    </AccountFrame>
  );
}

function LanguageChoice() {
  const id = useId();
  return (
    <div className="flex items-center gap-3 text-sm text-muted">
      <label htmlFor={id}>{text.language}</label>
      <select
        id={id}
        value={language}
        onChange={(event) => chooseLanguage(event.target.value as Language)}
        className="min-h-11 rounded-md border border-edge bg-surface px-2 text-ink sm:min-h-9"
      >
        {Object.entries(languages).map(([value, { name }]) => (
          <option key={value} value={value} lang={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Says that the link lacks what makes it work. */
export function TokenNote({ token, children }: { token: string; children: string }) {
  if (token !== "") return null;
  return (
    <p role="alert" className="rounded-md border border-bad/50 border-s-4 border-s-bad bg-bad/6 px-4 py-3 text-sm">
      {children || text.mailedWithoutToken}
    </p>
  );
}
