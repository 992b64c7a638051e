import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, call } from "../api/client";
import { count, sentence } from "../format/format";
import { Button } from "../ui/button";
import { Figure, Figures } from "../ui/figure";
import { Loaded } from "../ui/loading";
import { Moment } from "../ui/moment";
import { Section } from "../ui/page";
import { Tally } from "../ui/tally";
import { notify, notifyError } from "../ui/toast";
import type { RolloutBody } from "../../generated/schema";
import { text } from "./text";

/** How far a version has gone out; null where it has not begun to. */
const rolloutQuery = (digest: string) =>
  queryOptions({
    queryKey: ["admin", "rollout", digest],
    queryFn: async (): Promise<RolloutBody | null> => {
      try {
        return await call("get", "/api/admin/rollouts/{digest}", { parameters: { digest } });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });

/** How far a version went out by itself, why it stopped, and a way to let it go on. */
export function Rollout({ digest }: { digest: string }) {
  const rollout = useQuery(rolloutQuery(digest));
  return (
    <Section title={text.plugins.rollout} intro={text.plugins.rolloutIntro}>
      <Loaded query={rollout}>
        {(found) => (found === null ? <p className="text-muted">{text.plugins.noRollout}</p> : <Progress rollout={found} />)}
      </Loaded>
    </Section>
  );
}

function Progress({ rollout }: { rollout: RolloutBody }) {
  const client = useQueryClient();
  const resume = useMutation({
    mutationFn: () =>
      call("post", "/api/admin/rollouts/{digest}/resume", { parameters: { digest: rollout.digest } }),
    onSuccess: (after) => {
      client.setQueryData(rolloutQuery(rollout.digest).queryKey, after);
      notify(text.plugins.resumed);
    },
    onError: notifyError,
  });
  const isHalted = rollout.halted != null;
  return (
    <div className="grid gap-4">
      <Tally state={isHalted ? "halted" : "going"} tone={isHalted ? "bad" : "good"}>
        {isHalted ? text.plugins.halted : text.plugins.goesOn}
      </Tally>
      {rollout.halted != null && (
        <p dir="auto" className="wrap-anywhere">
          {sentence(rollout.halted)}
        </p>
      )}
      <Figures>
        <Figure label={text.plugins.ring} value={`${count(rollout.ring)} %`} />
        <Figure label={text.since} value={<Moment at={rollout.since} />} />
        <Figure label={text.plugins.upgraded} value={count(rollout.upgraded)} />
        <Figure label={text.plugins.rolledBack} value={count(rollout.rolled_back)} />
      </Figures>
      {isHalted && (
        <Button className="justify-self-start" isBusy={resume.isPending} onClick={() => resume.mutate()}>
          {text.plugins.resume}
        </Button>
      )}
    </div>
  );
}
