import type { ButtonHTMLAttributes } from "react";

const looks = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  quiet: "border border-line bg-surface text-ink hover:bg-sunken",
  danger: "border border-line bg-surface text-bad hover:border-bad",
};

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof looks;
}

export const buttonLook = (look: keyof typeof looks) =>
  `inline-flex min-h-10 items-center justify-center gap-2 rounded-lg px-4 text-sm font-medium whitespace-nowrap
  transition-colors disabled:opacity-55 ${looks[look]}`;

export function Button({ look = "quiet", type = "button", className = "", ...rest }: Props) {
  return <button type={type} className={`${buttonLook(look)} ${className}`} {...rest} />;
}
