/** `/settings/data`: copies of data, how long they are kept, and their end. */

import { useIsAtLeast, useOrganisation } from "../api/standing";
import { Loading } from "../ui/loading";
import { DeletionSection } from "./deletion";
import { Exports } from "./exports";
import { SettingsPage } from "./frame";
import { Retention } from "./retention";
import { text } from "./text";

export function DataPage() {
  const organisation = useOrganisation();
  const mayExport = useIsAtLeast("admin");
  const mayDelete = useIsAtLeast("owner");
  // What is shown depends on the role: nothing comes in between afterwards.
  if (organisation === undefined) {
    return (
      <SettingsPage tab="data">
        <Loading />
      </SettingsPage>
    );
  }
  return (
    <SettingsPage tab="data">
      <Exports subject="own" title={text.data.own} intro={text.data.ownIntro} />
      {mayExport && (
        <>
          <Exports
            key={organisation.id}
            subject={{ organisation: organisation.id }}
            title={text.data.organisation(organisation.name)}
            intro={text.data.organisationIntro}
          />
          <Retention key={`kept-${organisation.id}`} organisation={organisation.id} />
        </>
      )}
      <DeletionSection
        subject={{ organisation: organisation.id }}
        title={text.data.deleteOrganisation(organisation.name)}
        intro={text.data.deleteOrganisationIntro}
        isAllowed={mayDelete}
      />
      <DeletionSection subject="own" title={text.data.deleteAccount} intro={text.data.deleteAccountIntro} isAllowed />
    </SettingsPage>
  );
}
