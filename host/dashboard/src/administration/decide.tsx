import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { TextArea } from "../ui/field";
import { Form, textOf } from "../ui/form";
import { notify } from "../ui/toast";
import { text as common } from "../ui/text";
import type { ReviewedVersionBody } from "../../generated/schema";
import { decisionsFor, needsReason, stops, type Decision } from "./decisions";
import { versionQuery } from "./queries";
import { text } from "./text";

const MAX_REASON = 500;

/** The buttons for what can be decided about a version now. */
export function Decide({ reviewed }: { reviewed: ReviewedVersionBody }) {
  const [decision, setDecision] = useState<Decision>();
  return (
    <>
      {decisionsFor(reviewed.version.state).map((possible) => (
        <Button key={possible} look={stops(possible) ? "danger" : "primary"} onClick={() => setDecision(possible)}>
          {text.plugins.decisions[possible]}
        </Button>
      ))}
      {decision !== undefined && (
        <DecisionDialog reviewed={reviewed} decision={decision} onClose={() => setDecision(undefined)} />
      )}
    </>
  );
}

interface Props {
  reviewed: ReviewedVersionBody;
  decision: Decision;
  onClose: () => void;
}

function DecisionDialog({ reviewed: { plugin, version }, decision, onClose }: Props) {
  const client = useQueryClient();
  const name = text.plugins.decisions[decision] ?? decision;
  const isNeeded = needsReason(decision);
  const send = async (fields: FormData) => {
    const reason = textOf(fields, "reason");
    const after = await call("post", "/api/admin/plugins/{digest}/{decision}", {
      parameters: { digest: version.digest, decision },
      body: reason === "" ? {} : { reason },
    });
    client.setQueryData(versionQuery(version.digest).queryKey, after);
    const state = after.version.state;
    notify(text.plugins.decided(`${plugin.name} ${version.version}`, text.plugins.states[state] ?? state));
    onClose();
    await client.invalidateQueries({ queryKey: ["admin", "versions"] });
  };
  return (
    <Dialog title={`${name}: ${plugin.name} ${version.version}`} intro={text.plugins.consequences[decision]} onClose={onClose}>
      <Form send={send} submitLabel={name} look={stops(decision) ? "danger" : "primary"} onCancel={onClose}>
        {({ reason }) => (
          <TextArea
            label={isNeeded ? text.reason : `${text.reason} (${common.optional})`}
            hint={text.plugins.reasonHint}
            name="reason"
            maxLength={MAX_REASON}
            required={isNeeded}
            autoFocus
            error={reason}
          />
        )}
      </Form>
    </Dialog>
  );
}
