import type { ReactNode } from "react";
import { bytes } from "../format/format";
import { Moment } from "../ui/moment";
import { Section } from "../ui/page";
import type { ReviewedVersionBody } from "../../generated/schema";
import { text } from "./text";

/** What a package is, as those see it who decide about it. */
export function Facts({ reviewed: { plugin, version, owner_id: owner } }: { reviewed: ReviewedVersionBody }) {
  return (
    <Section title={text.plugins.facts}>
      <dl className="grid gap-x-8 gap-y-3 sm:grid-cols-2">
        <Fact name={text.plugins.id}>
          <code dir="ltr">{plugin.id}</code>
        </Fact>
        <Fact name={text.plugins.kind}>{text.plugins.kinds[plugin.kind] ?? plugin.kind}</Fact>
        <Fact name={text.plugins.publisher}>{plugin.publisher}</Fact>
        <Fact name={text.plugins.signedBy}>{version.signed_by ?? text.plugins.withHost}</Fact>
        <Fact name={text.plugins.owner}>
          {owner == null ? text.plugins.withHost : <code dir="ltr">{owner}</code>}
        </Fact>
        <Fact name={text.plugins.visibility}>{text.plugins.visibilities[version.visibility] ?? version.visibility}</Fact>
        <Fact name={text.plugins.size}>{bytes(version.size_bytes)}</Fact>
        <Fact name={text.plugins.license}>
          <span dir="ltr">{plugin.license}</span>
        </Fact>
        <Fact name={text.plugins.pricing}>
          <span dir="ltr">{plugin.pricing}</span>
        </Fact>
        <Fact name={text.plugins.stateSchema}>{plugin.state_schema}</Fact>
        <Fact name={text.plugins.uploaded}>
          <Moment at={version.created_at} />
        </Fact>
        <Fact name={text.plugins.digest}>
          <code dir="ltr" className="text-xs">
            {version.digest}
          </code>
        </Fact>
        {version.changelog !== "" && (
          <Fact name={text.plugins.changelog} isWide>
            <span dir="auto" className="whitespace-pre-line">
              {version.changelog}
            </span>
          </Fact>
        )}
      </dl>
    </Section>
  );
}

function Fact({ name, children, isWide = false }: { name: string; children: ReactNode; isWide?: boolean }) {
  return (
    <div className={`min-w-0 ${isWide ? "sm:col-span-2" : ""}`}>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}
