import { useEffect, useRef, useState } from "react";
import type { Stream } from "../api/types";
import { useNameOf } from "../overview/path-destination";
import { DestinationForm } from "../sources/destination-form";
import { useForgetWayBack, useWayBack } from "../plugins/consent/way-back";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Panel } from "../ui/page";
import { text } from "./text";

interface Props {
  stream: Stream;
  /** The form is put away: what was filled in is sent, or given up. */
  onFormDone: () => void;
  onDone: () => void;
}

/** Where the stream shall go. The form stands open: whoever is here came to add one, and mostly another. */
export function DestinationsStep({ stream, onFormDone, onDone }: Props) {
  const [formNumber, setFormNumber] = useState(0);
  const nameOf = useNameOf();
  const wayBack = useWayBack();
  const forgetWayBack = useForgetWayBack();
  const heading = useRef<HTMLHeadingElement>(null);
  // The form that had the focus is gone; the next one begins at its heading.
  useEffect(() => {
    if (formNumber > 0) heading.current?.focus();
  }, [formNumber]);
  const hasAny = stream.destinations.length > 0;
  const startAnew = () => {
    setFormNumber(formNumber + 1);
    // Otherwise the next form would be about the platform whose consent was just given.
    if (wayBack.add !== undefined) forgetWayBack();
    onFormDone();
  };
  return (
    <div className="grid gap-4">
      <p className="max-w-[60ch] text-muted">{text.destinationsIntro}</p>
      {hasAny && (
        <ul aria-label={text.added} className="grid gap-1.5">
          {stream.destinations.map((destination) => (
            <li key={destination.id} className="flex items-center gap-2 font-medium wrap-anywhere">
              <Icon name="check" className="text-accent" />
              {nameOf(destination)}
            </li>
          ))}
        </ul>
      )}
      {hasAny && (
        <Button look="primary" className="justify-self-start" onClick={onDone}>
          {text.proceed}
        </Button>
      )}
      <Panel>
        <h3 ref={heading} tabIndex={-1} className="mb-3 font-semibold">{hasAny ? text.addAnother : text.addFirst}</h3>
        <DestinationForm key={formNumber} sourceId={stream.id} onDone={startAnew} />
      </Panel>
      {!hasAny && (
        <Button className="justify-self-start" onClick={onDone}>
          {text.later}
        </Button>
      )}
    </div>
  );
}
