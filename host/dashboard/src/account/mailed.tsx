/** Pages that links in mail lead to, and the one that asks for such a mail. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { ApiError, call } from "../api/client";
import { text } from "./text";
import { ErrorNote } from "../ui/error-note";
import { Field } from "../ui/field";
import { AccountPage } from "./account-page";

const toLogIn = (
  <Link to="/login" className="font-medium text-accent underline underline-offset-4">
    {text.logIn}
  </Link>
);

/** A form that does one thing and says so. */
async function ask(work: Promise<unknown>) {
  await work;
}

export function ForgotPasswordPage() {
  return (
    <AccountPage
      title={text.forgotPassword}
      intro={text.forgotPasswordIntro}
      submitLabel={text.sendLink}
      submit={({ email = "" }) => ask(call("post", "/api/auth/forgot-password", { body: { email } }))}
      done={text.linkSent}
      footer={toLogIn}
    >
      <Field label={text.email} name="email" type="email" autoComplete="username" required autoFocus />
    </AccountPage>
  );
}

const resetRoute = getRouteApi("/reset-password");

export function ResetPasswordPage() {
  const { token } = resetRoute.useSearch();
  return (
    <AccountPage
      title={text.resetPasswordTitle}
      submitLabel={text.acceptInvitation}
      submit={({ password = "" }) =>
        ask(call("post", "/api/auth/reset-password", { body: { token, password } }))
      }
      done={text.passwordChanged}
      footer={toLogIn}
    >
      <TokenNote token={token} />
      <Field
        label={text.password}
        hint={text.passwordHint}
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={10}
        required
      />
    </AccountPage>
  );
}

const verifyRoute = getRouteApi("/verify-email");

/** Asks for a click: programs that look links over before people do would use them up. */
export function VerifyEmailPage() {
  const { token } = verifyRoute.useSearch();
  return (
    <AccountPage
      title={text.verifyEmailTitle}
      submitLabel={text.verifyEmail}
      submit={() => ask(call("post", "/api/auth/verify-email", { body: { token } }))}
      done={text.emailVerified}
      footer={toLogIn}
    >
      <TokenNote token={token} />
    </AccountPage>
  );
}

function TokenNote({ token }: { token: string }) {
  if (token !== "") return null;
  return <ErrorNote error={new ApiError(0, "TOKEN_MISSING", text.mailedWithoutToken)} />;
}
