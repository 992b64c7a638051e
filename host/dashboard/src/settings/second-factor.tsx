import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { plural } from "../text/plural";
import { Button } from "../ui/button";
import { Loaded } from "../ui/loading";
import { Section } from "../ui/page";
import { Tally } from "../ui/tally";
import { secondFactorQuery } from "./queries";
import { text } from "./text";

const SetUp = lazy(() => import("./second-factor-set-up").then(({ SetUp }) => ({ default: SetUp })));
const NewCodes = lazy(() => import("./second-factor-dialogs").then(({ NewCodes }) => ({ default: NewCodes })));
const TurnOff = lazy(() => import("./second-factor-dialogs").then(({ TurnOff }) => ({ default: TurnOff })));

/** Below this many recovery codes it is time for new ones. */
const FEW_CODES = 3;

/** A code on top of the password: on or off. */
export function SecondFactor() {
  const state = useQuery(secondFactorQuery);
  const [open, setOpen] = useState<"set-up" | "codes" | "off">();
  const close = () => setOpen(undefined);
  return (
    <Section title={text.security.secondFactor} intro={text.security.secondFactorIntro}>
      <Loaded query={state} lines={1}>
        {({ enabled, recovery_codes_left }) => (
          <div className="flex flex-wrap items-center justify-between gap-4">
            <div className="grid gap-1">
              <Tally state="second-factor" tone={enabled ? "good" : "quiet"}>
                {enabled ? text.security.on : text.security.off}
              </Tally>
              {enabled && (
                <p className={`text-sm ${recovery_codes_left < FEW_CODES ? "font-medium text-warn" : "text-muted"}`}>
                  {plural(text.security.codesLeft, recovery_codes_left)}
                </p>
              )}
            </div>
            <div className="flex flex-wrap gap-2">
              {enabled ? (
                <>
                  <Button onClick={() => setOpen("codes")}>{text.security.newCodes}</Button>
                  <Button look="danger" onClick={() => setOpen("off")}>
                    {text.security.turnOff}
                  </Button>
                </>
              ) : (
                <Button look="primary" onClick={() => setOpen("set-up")}>
                  {text.security.setUp}
                </Button>
              )}
            </div>
          </div>
        )}
      </Loaded>
      {open !== undefined && (
        <Suspense>
          {open === "set-up" && <SetUp onClose={close} />}
          {open === "codes" && <NewCodes onClose={close} />}
          {open === "off" && <TurnOff onClose={close} />}
        </Suspense>
      )}
    </Section>
  );
}
