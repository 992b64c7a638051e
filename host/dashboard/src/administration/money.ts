/** Amounts of money as fields take them; the API tells them in the currency's minor unit. */

/** How many digits of a currency stand behind the point: 2 for dollars, 0 for yen (ISO 4217). */
export function minorDigits(currency: string): number {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    // Not a currency, or not yet while it is typed.
    return 2;
  }
}

/** What was typed, such as `9.99`, in the minor unit. */
export function minorOf(amount: string, currency: string): number {
  return Math.round(Number(amount) * 10 ** minorDigits(currency));
}

/** An amount as a field takes it, such as `9.99`. */
export function typed(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  return (minor / 10 ** digits).toFixed(digits);
}
