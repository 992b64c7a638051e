import { useState } from "react";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { text as common } from "../ui/text";
import { LEAST_LENGTH, strengthOf, type Strength } from "./password-strength";
import { text } from "./text";

const filled: Record<Strength, number> = { short: 0, weak: 1, fair: 2, strong: 3 };

/** A password that is chosen: shown on demand, and how good it is while one types. */
export function NewPasswordField() {
  const [password, setPassword] = useState("");
  const [isShown, setIsShown] = useState(false);
  const strength = strengthOf(password);
  return (
    <div className="grid gap-2">
      <div className="grid grid-cols-[minmax(0,1fr)_auto] gap-2">
        <Field
          label={text.password}
          name="password"
          type={isShown ? "text" : "password"}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="new-password"
          aria-describedby="password-strength"
          minLength={LEAST_LENGTH}
          required
        />
        <Button
          className="self-end"
          aria-pressed={isShown}
          aria-label={text.showPassword}
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? common.hide : common.show}
        </Button>
      </div>
      <div aria-hidden className="grid grid-cols-3 gap-1">
        {[1, 2, 3].map((part) => (
          <span
            key={part}
            className={`h-1 rounded-full transition-colors ${part <= filled[strength] ? "bg-accent" : "bg-line"}`}
          />
        ))}
      </div>
      <p id="password-strength" aria-live="polite" className="text-sm text-muted">
        {password === "" || strength === "short" ? text.passwordHint : text.strengths[strength]}
      </p>
    </div>
  );
}
