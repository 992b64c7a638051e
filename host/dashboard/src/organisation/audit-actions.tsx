import { useMutation } from "@tanstack/react-query";
import { call } from "../api/client";
import { count } from "../format/format";
import { plural } from "../text/plural";
import { Button } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { ErrorNote } from "../ui/error-note";
import { Icon } from "../ui/icon";
import { Tally } from "../ui/tally";
import { notifyError } from "../ui/toast";
import type { AuditVerificationBody } from "../../generated/schema";
import { auditParameters, type AuditFilter } from "./queries";
import { saveFile } from "./save-file";
import { text } from "./text";

interface Props {
  filter: AuditFilter;
  /** Which log it is: the organisation's, or the platform's. */
  address?: "/api/audit-log" | "/api/admin/audit-log";
}

/** Taking the log along, and looking whether it is as it was written. */
export function AuditActions({ filter, address = "/api/audit-log" }: Props) {
  const saving = useMutation({
    mutationFn: (format: "csv" | "jsonl") => {
      const query = new URLSearchParams({ ...auditParameters(filter), format });
      return saveFile(`${address}/export?${query}`, `audit-log.${format}`);
    },
    onError: notifyError,
  });
  const verifying = useMutation({ mutationFn: () => call("get", `${address}/verify`) });
  return (
    <div className="grid min-w-0 gap-3 sm:justify-items-end">
      <div className="flex flex-wrap gap-2" role="group" aria-label={text.audit.export}>
        {(["csv", "jsonl"] as const).map((format) => (
          <Button key={format} isBusy={saving.isPending && saving.variables === format} onClick={() => saving.mutate(format)}>
            <Icon name="download" className="size-4" />
            {format === "csv" ? text.audit.exportCsv : text.audit.exportJson}
          </Button>
        ))}
        <Button isBusy={verifying.isPending} onClick={() => verifying.mutate()}>
          {text.audit.verify}
        </Button>
      </div>
      <div role="status" className="min-w-0">
        {verifying.data !== undefined && <Verification found={verifying.data} />}
      </div>
      <ErrorNote error={verifying.error} />
    </div>
  );
}

function Verification({ found }: { found: AuditVerificationBody }) {
  return (
    <div className="grid min-w-0 gap-3 rounded-lg border border-line bg-surface p-4 sm:max-w-xl">
      <h3 className="font-semibold">{text.audit.verifyTitle}</h3>
      <Tally state="verified" tone={found.is_intact ? "good" : "bad"}>
        {found.is_intact ? text.audit.intact : text.audit.broken}
      </Tally>
      {found.is_intact ? <p className="text-sm">{plural(text.audit.intactHint, found.entries)}</p> : <p className="text-sm">{found.problem}</p>}
      {found.forgotten_sequence > 0 && (
        <p className="text-sm text-muted">{text.audit.forgotten(count(found.forgotten_sequence))}</p>
      )}
      {found.head_sequence > 0 && (
        <>
          <CopyField label={text.audit.head} value={found.head_hash} />
          <p className="text-sm text-muted">{text.audit.headHint}</p>
        </>
      )}
    </div>
  );
}
