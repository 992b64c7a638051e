/** Pages that links in mail lead to, and the one that asks for such a mail. */

import { getRouteApi, Link } from "@tanstack/react-router";
import { call } from "../api/client";
import { Field } from "../ui/field";
import { AccountPage, linkLook, TokenNote } from "./account-page";
import { NewPasswordField } from "./password-field";
import { text } from "./text";

const toLogIn = (
  <Link to="/login" className={linkLook}>
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
      submitLabel={text.choosePassword}
      submit={({ password = "" }) => ask(call("post", "/api/auth/reset-password", { body: { token, password } }))}
      done={text.passwordChanged}
      footer={toLogIn}
    >
      <TokenNote token={token}>{text.mailedWithoutToken}</TokenNote>
      <NewPasswordField />
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
      <TokenNote token={token}>{text.mailedWithoutToken}</TokenNote>
    </AccountPage>
  );
}
