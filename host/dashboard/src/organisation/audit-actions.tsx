import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { call } from "../api/client";
import { Button } from "../ui/button";
import { ErrorNote } from "../ui/error-note";
import { Icon } from "../ui/icon";
import { notifyError } from "../ui/toast";
import { auditParameters, type AuditFilter } from "./queries";
import { saveFile } from "./save-file";
import { text } from "./audit/text";

interface Props {
  filter: AuditFilter;
  /** Which log it is: the organisation's, or the platform's. */
  address?: "/api/audit-log" | "/api/admin/audit-log";
}

const AuditVerification = lazy(() => import("./audit-verification").then(({ AuditVerification }) => ({ default: AuditVerification })));

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
        {verifying.data !== undefined && (
          <Suspense>
            <AuditVerification found={verifying.data} />
          </Suspense>
        )}
      </div>
      <ErrorNote error={verifying.error} />
    </div>
  );
}
