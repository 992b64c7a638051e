import { useEffect, useState } from "react";
import { ago, dateAndTime } from "../format/format";

const TICK_MS = 10_000;

/** A moment (RFC 3339) as people say it, such as `3 minutes ago`; the exact one stands in its title. */
export function Moment({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={dateAndTime(at)}>
      {ago(at, now)}
    </time>
  );
}
