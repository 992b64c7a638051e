import { useQuery } from "@tanstack/react-query";
import { Field } from "../ui/field";
import { secretOf, textOf } from "../ui/form";
import { profileQuery } from "./queries";
import { text } from "./text";

/**
 * Proves once more who asks: by the password; without one, by the second factor; without that, by having logged in
 * some minutes ago.
 */
export function ProofFields({ label = text.proof.password, hint = text.proof.passwordHint }: { label?: string; hint?: string }) {
  const { data } = useQuery(profileQuery);
  if (data === undefined) return null;
  if (data.has_password) {
    return <Field label={label} hint={hint} name="proof_password" type="password" autoComplete="current-password" required />;
  }
  if (!data.second_factor) return <p className="text-sm text-muted">{text.proof.none}</p>;
  return <Field label={text.proof.code} hint={text.proof.codeHint} name="proof_code" autoComplete="one-time-code" inputMode="numeric" required />;
}

/** What `ProofFields` were filled with, as the API takes it. */
export function proofOf(fields: FormData): { current_password?: string; code?: string } {
  const [password, code] = [secretOf(fields, "proof_password"), textOf(fields, "proof_code")];
  return { ...(password !== "" && { current_password: password }), ...(code !== "" && { code }) };
}
