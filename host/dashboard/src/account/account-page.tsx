import { useMutation } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { FormEvent, ReactNode } from "react";
import markUrl from "../brand/mark.svg";
import { brand } from "../brand/brand";
import { Button } from "../ui/button";
import { ErrorNote } from "../ui/error-note";

interface Props {
  title: string;
  intro?: string;
  submitLabel: string;
  submit: (fields: Record<string, string>) => Promise<void>;
  children: ReactNode;
  footer?: ReactNode;
  /** What is said when it is done; without it the dashboard opens. */
  done?: string;
}

/** The frame of log-in, registration and set-up: one form in the middle of the page. */
export function AccountPage({ title, intro, submitLabel, submit, children, footer, done }: Props) {
  const router = useRouter();
  const sending = useMutation({
    mutationFn: submit,
    onSuccess: () => (done === undefined ? router.navigate({ to: "/" }) : undefined),
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    sending.mutate(fields);
  };
  return (
    <main className="grid min-h-dvh content-center justify-items-center px-4 py-10">
      <title>{`${title} · ${brand.name}`}</title>
      <div className="grid w-full max-w-sm gap-6">
        <div className="flex items-center gap-2.5 text-lg font-bold">
          <img src={markUrl} alt="" className="size-8" width="32" height="32" />
          {brand.name}
        </div>
        <form onSubmit={onSubmit} className="grid gap-5 rounded-lg border border-line bg-surface p-5 sm:p-7">
          <div className="grid gap-1.5">
            <h1 className="text-xl font-bold">{title}</h1>
            {intro !== undefined && <p className="text-muted">{intro}</p>}
          </div>
          {sending.isSuccess && done !== undefined ? (
            <p role="status">{done}</p>
          ) : (
            <>
              {children}
              <ErrorNote error={sending.error} />
              <Button look="primary" type="submit" isBusy={sending.isPending}>
                {submitLabel}
              </Button>
            </>
          )}
        </form>
        {footer !== undefined && <div className="text-sm text-muted">{footer}</div>}
      </div>
    </main>
  );
}
