import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { useIsAtLeast, useOrganisation } from "../api/standing";
import type { Stream } from "../api/types";
import { streamsQuery } from "../live/streams";
import { Button } from "../ui/button";
import { Empty } from "../ui/empty";
import { Loaded, Loading } from "../ui/loading";
import { Page } from "../ui/page";
import { Steps } from "../ui/steps";
import { NameStep } from "./name-step";
import { keepProgress, keptProgress, skipGuide, stepAfter, stepNow, steps, type Progress, type Step } from "./progress";
import { text } from "./text";

// Whoever names a source does not wait for what comes after it.
const DestinationsStep = lazy(() => import("./destinations-step").then((step) => ({ default: step.DestinationsStep })));
const EncoderStep = lazy(() => import("./encoder-step").then((step) => ({ default: step.EncoderStep })));
const LiveStep = lazy(() => import("./live-step").then((step) => ({ default: step.LiveStep })));

/** From nothing to a picture on the air, one step after another. */
export function StartPage() {
  const router = useRouter();
  const streams = useQuery(streamsQuery);
  const organisation = useOrganisation();
  const mayMake = useIsAtLeast("editor");
  const skip = () => {
    skipGuide();
    void router.navigate({ to: "/" });
  };
  return (
    <Page title={text.title} intro={text.intro} actions={<Button onClick={skip}>{text.skip}</Button>}>
      {organisation === undefined ? (
        <Loading />
      ) : mayMake ? (
        <Loaded query={streams}>{(all) => <Guide streams={all} />}</Loaded>
      ) : (
        <Empty title={text.notAllowed} hint={text.notAllowedHint} />
      )}
    </Page>
  );
}

function Guide({ streams }: { streams: readonly Stream[] }) {
  const [progress, setProgress] = useState(keptProgress);
  const isFormTouched = useRef(false);
  // Whoever goes back wants to stay there.
  const isBack = useRef(false);
  const { step, stream } = stepNow(progress, streams);

  const goTo = (next: Progress) => {
    isFormTouched.current = false;
    isBack.current = false;
    keepProgress(next);
    setProgress(next);
  };
  useEffect(() => {
    if (stream === undefined || isBack.current) return;
    const next = stepAfter(step, stream, isFormTouched.current);
    if (next !== step) goTo({ source: stream.id, step: next });
  }, [step, stream]);

  const at = (next: Step) => () => stream !== undefined && goTo({ source: stream.id, step: next });
  const backTo = (former: Step) => () => {
    at(former)();
    isBack.current = true;
  };
  const open: Record<Step, () => ReactNode> = {
    name: () => <NameStep onDone={(source) => goTo({ source, step: "encoder" })} />,
    encoder: () => stream && <EncoderStep stream={stream} onDone={at("destinations")} />,
    destinations: () =>
      stream && (
        <div onInput={() => (isFormTouched.current = true)}>
          <DestinationsStep stream={stream} onFormDone={() => (isFormTouched.current = false)} onDone={at("live")} />
        </div>
      ),
    live: () => stream && <LiveStep stream={stream} />,
  };
  const now = steps.indexOf(step);
  return (
    <Steps
      steps={steps.map((one, place) => ({
        title: text.steps[one],
        state: place < now ? "done" : place === now ? "current" : "coming",
        children: place === now ? <Suspense fallback={<Loading />}>{open[one]()}</Suspense> : <Done step={one} stream={stream} onChange={backTo(one)} />,
      }))}
    />
  );
}

interface DoneProps {
  step: Step;
  stream: Stream | undefined;
  onChange: () => void;
}

/** What a step came to, and the way back into it. */
function Done({ step, stream, onChange }: DoneProps) {
  if (stream === undefined) return null;
  if (step === "name") return <p className="text-muted wrap-anywhere">{stream.name}</p>;
  return (
    <Button look="plain" className="-ms-1.5 justify-self-start" onClick={onChange} aria-label={text.changeOf(text.steps[step])}>
      {text.change}
    </Button>
  );
}
