import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, call } from "../api/client";
import { logIn, logInWithSecondFactor } from "../api/session";
import { text } from "./text";
import { ErrorNote } from "../ui/error-note";
import { Field } from "../ui/field";
import { AccountPage } from "./account-page";

const logInRoute = getRouteApi("/login");
const link = "font-medium text-accent underline underline-offset-4";

/** Email and password, or another provider; then a second factor where the account has one. */
export function LogInPage() {
  const { failed } = logInRoute.useSearch();
  // A provider's way back leaves the challenge behind the `#`, which no server is told.
  const [challenge] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get("challenge"));
  const [needsCode, setNeedsCode] = useState(challenge !== null);

  const submit = async ({ email = "", password = "", code }: Record<string, string>) => {
    if (challenge !== null) return logInWithSecondFactor({ challenge, code: code ?? "" });
    try {
      await logIn({ email, password, ...(code && { code }) });
    } catch (error) {
      if (error instanceof ApiError && error.code === "SECOND_FACTOR_REQUIRED") setNeedsCode(true);
      throw error;
    }
  };
  return (
    <AccountPage
      title={text.logInTitle}
      submitLabel={text.logIn}
      submit={submit}
      footer={
        <>
          {text.noAccount}{" "}
          <Link to="/register" className={link}>
            {text.register}
          </Link>
          {" · "}
          <Link to="/forgot-password" className={link}>
            {text.forgotPassword}
          </Link>
          <Providers />
        </>
      }
    >
      {failed !== undefined && (
        <ErrorNote error={new ApiError(0, "SIGN_IN_FAILED", (text.signInFailed[failed] ?? text.signInFailed["other"] ?? ""))} />
      )}
      {challenge === null && (
        <>
          <Field
            label={text.email}
            name="email"
            type="email"
            autoComplete="username"
            required
            autoFocus
          />
          <Field
            label={text.password}
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
        </>
      )}
      {needsCode && (
        <Field
          label={text.code}
          hint={text.codeHint}
          name="code"
          autoComplete="one-time-code"
          required
          autoFocus
        />
      )}
    </AccountPage>
  );
}

/** Links to the providers that this host signs in with; nothing where there are none. */
function Providers() {
  const { data } = useQuery({
    queryKey: ["sign-in-providers"],
    queryFn: () => call("get", "/api/auth/providers"),
  });
  return data?.providers.map(({ name, label }) => (
    <span key={name} className="mt-3 block">
      <a href={`/api/auth/${name}`} className={link}>
        {text.continueWith(label)}
      </a>
    </span>
  ));
}
