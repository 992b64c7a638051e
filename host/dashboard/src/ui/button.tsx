import type { ButtonHTMLAttributes } from "react";

const looks = {
  /** The one thing that a page wants. */
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  quiet: "border border-edge bg-surface text-ink hover:bg-sunken",
  /** Among other things, such as in a row of a table. */
  plain: "text-accent underline-offset-4 hover:underline px-1.5!",
  danger: "border border-bad bg-surface text-bad hover:bg-bad/10",
};

/** How a button looks, for links that look like one. */
export const buttonLook = (look: keyof typeof looks) =>
  `inline-flex min-h-11 items-center justify-center gap-2 rounded-md px-4 text-sm font-semibold transition-colors
  disabled:opacity-55 sm:min-h-10 ${looks[look]}`;

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof looks;
  /** Says that it works; it is not pressed twice. */
  isBusy?: boolean;
}

export function Button({ look = "quiet", type = "button", className = "", isBusy = false, children, ...rest }: Props) {
  return (
    <button
      type={type}
      className={`${buttonLook(look)} ${className}`}
      {...rest}
      {...(isBusy && { "aria-busy": true, disabled: true })}
    >
      {isBusy && (
        <span
          aria-hidden
          className="size-3.5 animate-spin rounded-full border-2 border-current border-e-transparent"
        />
      )}
      {children}
    </button>
  );
}
