import type { ReactNode } from "react";
import { useIsAtLeast } from "../api/standing";
import { Page, Tab, Tabs } from "../ui/page";
import { text } from "./text";

interface Props {
  /** Which part this is. */
  tab: keyof typeof text.tabs;
  intro?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of all parts of the settings. */
export function SettingsPage({ tab, intro, actions, children }: Props) {
  const mayRunApps = useIsAtLeast("admin");
  return (
    <Page
      title={text.title}
      name={`${text.tabs[tab]} · ${text.title}`}
      intro={intro}
      actions={actions}
      tabs={
        <Tabs label={text.title}>
          <Tab to="/settings">{text.tabs.profile}</Tab>
          <Tab to="/settings/security">{text.tabs.security}</Tab>
          <Tab to="/settings/sessions">{text.tabs.signIns}</Tab>
          <Tab to="/settings/data">{text.tabs.data}</Tab>
          <Tab to="/settings/organisation">{text.tabs.organisation}</Tab>
          {mayRunApps && <Tab to="/settings/apps">{text.tabs.apps}</Tab>}
        </Tabs>
      }
    >
      {children}
    </Page>
  );
}
