/** `/settings/data`: copies of data, how long they are kept, and their end. */

import { lazy, Suspense } from "react";
import { useIsAtLeast, useOrganisation } from "../api/standing";
import { DeletionSection } from "./deletion";
import { Exports } from "./exports";
import { SettingsPage } from "./frame";
import { text } from "./text";

// They stand further down: what is above does not wait for them.
const Retention = lazy(() => import("./retention").then(({ Retention }) => ({ default: Retention })));

export function DataPage() {
  const organisation = useOrganisation();
  const mayExport = useIsAtLeast("admin");
  const mayDelete = useIsAtLeast("owner");
  return (
    <SettingsPage tab="data">
      <Exports subject="own" title={text.data.own} intro={text.data.ownIntro} />
      {organisation !== undefined && mayExport && (
        <>
          <Exports
            key={organisation.id}
            subject={{ organisation: organisation.id }}
            title={text.data.organisation(organisation.name)}
            intro={text.data.organisationIntro}
          />
          <Suspense>
            <Retention key={`kept-${organisation.id}`} organisation={organisation.id} />
          </Suspense>
        </>
      )}
      {organisation !== undefined && (
        <DeletionSection
          subject={{ organisation: organisation.id }}
          title={text.data.deleteOrganisation(organisation.name)}
          intro={text.data.deleteOrganisationIntro}
          isAllowed={mayDelete}
        />
      )}
      <DeletionSection subject="own" title={text.data.deleteAccount} intro={text.data.deleteAccountIntro} isAllowed />
    </SettingsPage>
  );
}
