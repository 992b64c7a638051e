import { Link } from "@tanstack/react-router";
import { logIn } from "../api/session";
import { text } from "../text/text";
import { Field } from "../ui/field";
import { AccountPage } from "./account-page";

export function LogInPage() {
  return (
    <AccountPage
      title={text.account.logInTitle}
      submitLabel={text.account.logIn}
      submit={({ email = "", password = "" }) => logIn({ email, password })}
      footer={
        <>
          {text.account.noAccount}{" "}
          <Link to="/register" className="font-medium text-accent underline underline-offset-4">
            {text.account.register}
          </Link>
        </>
      }
    >
      <Field label={text.account.email} name="email" type="email" autoComplete="username" required autoFocus />
      <Field
        label={text.account.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
      />
    </AccountPage>
  );
}
