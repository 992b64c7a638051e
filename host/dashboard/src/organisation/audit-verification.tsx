import { count } from "../format/format";
import { plural } from "../text/plural";
import { CopyField } from "../ui/copy-field";
import { Tally } from "../ui/tally";
import type { AuditVerificationBody } from "../../generated/schema";
import { text } from "./audit/text";

/** Whether the log is as it was written. */
export function AuditVerification({ found }: { found: AuditVerificationBody }) {
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
