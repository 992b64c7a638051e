import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, call } from "../api/client";
import { logIn, logInWithSecondFactor } from "../api/session";
import { buttonLook } from "../ui/button";
import { ErrorNote } from "../ui/error-note";
import { Field } from "../ui/field";
import { AccountPage, linkLook } from "./account-page";
import { wayBack } from "./way-back";
import { text } from "./text";

const logInRoute = getRouteApi("/login");

/** Email and password, or another provider; then a second factor where the account has one. */
export function LogInPage() {
  const { next } = logInRoute.useSearch();
  const router = useRouter();
  // A provider's way back leaves the challenge behind the `#`, which no server is told.
  const [challenge, setChallenge] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get("challenge"));
  const enter = () => router.history.push(wayBack(next));

  return challenge === null ? (
    <Credentials onChallenge={setChallenge} onDone={enter} />
  ) : (
    <SecondFactor challenge={challenge} onAgain={() => setChallenge(null)} onDone={enter} />
  );
}

interface CredentialsProps {
  onChallenge: (challenge: string) => void;
  onDone: () => unknown;
}

function Credentials({ onChallenge, onDone }: CredentialsProps) {
  const { failed, next } = logInRoute.useSearch();
  // Whether one is in or owes a second factor is known here only, so the way on is taken here.
  const submit = async ({ email = "", password = "" }: Record<string, string>) => {
    try {
      await logIn({ email, password });
    } catch (error) {
      const challenge = secondFactorOf(error);
      if (challenge === undefined) throw error;
      return onChallenge(challenge);
    }
    onDone();
  };
  const refusal = failed === undefined ? undefined : (text.signInFailed[failed] ?? text.signInFailed["other"]);
  return (
    <AccountPage
      title={text.logInTitle}
      submitLabel={text.logIn}
      submit={submit}
      done={() => undefined}
      after={<Providers next={next} />}
      footer={
        <>
          {text.noAccount}{" "}
          <Link to="/register" className={linkLook}>
            {text.register}
          </Link>
          {" · "}
          <Link to="/forgot-password" className={linkLook}>
            {text.forgotPassword}
          </Link>
        </>
      }
    >
      {refusal !== undefined && <ErrorNote error={new ApiError(0, "SIGN_IN_FAILED", refusal)} />}
      <Field label={text.email} name="email" type="email" autoComplete="username" required autoFocus />
      <Field label={text.password} name="password" type="password" autoComplete="current-password" required />
    </AccountPage>
  );
}

/** The challenge of a log-in that owes a second factor. */
function secondFactorOf(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.code !== "SECOND_FACTOR_REQUIRED") return undefined;
  const challenge = error.detail("challenge");
  return typeof challenge === "string" ? challenge : undefined;
}

interface SecondFactorProps {
  challenge: string;
  onAgain: () => void;
  onDone: () => unknown;
}

function SecondFactor({ challenge, onAgain, onDone }: SecondFactorProps) {
  return (
    <AccountPage
      title={text.secondFactorTitle}
      intro={text.codeHint}
      submitLabel={text.logIn}
      submit={({ code = "" }) => logInWithSecondFactor({ challenge, code: code.replace(/\s/g, "") })}
      done={onDone}
      footer={
        <button type="button" onClick={onAgain} className={`${linkLook} min-h-6`}>
          {text.otherAccount}
        </button>
      }
    >
      <Field
        label={text.code}
        name="code"
        autoComplete="one-time-code"
        autoCapitalize="off"
        spellCheck={false}
        dir="ltr"
        className="font-mono tracking-widest"
        required
        autoFocus
      />
    </AccountPage>
  );
}

/** Ways in through the providers that this host signs in with; nothing where there are none. */
export function Providers({ next }: { next?: string | undefined }) {
  const { data } = useQuery({
    queryKey: ["sign-in-providers"],
    queryFn: () => call("get", "/api/auth/providers"),
  });
  if (data === undefined || data.providers.length === 0) return null;
  const search = next === undefined ? "" : `?${new URLSearchParams({ return_to: wayBack(next) })}`;
  return (
    <div className="grid gap-2">
      <p className="flex items-center gap-3 text-sm text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        {text.or}
      </p>
      {data.providers.map(({ name, label }) => (
        <a key={name} href={`/api/auth/${name}${search}`} className={buttonLook("quiet")}>
          {text.continueWith(label)}
        </a>
      ))}
    </div>
  );
}
