/** The frame of the pages about plugins in general. */

import type { ReactNode } from "react";
import { useIsAtLeast } from "../api/standing";
import { Page, Tab, Tabs } from "../ui/page";
import { text } from "./text";

interface Props {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the room of plugins: catalogue, installed ones, upload, development. */
export function Room({ title, intro, actions, children }: Props) {
  const mayPublish = useIsAtLeast("admin");
  return (
    <Page
      title={title}
      intro={intro}
      actions={actions}
      tabs={
        <Tabs label={text.room}>
          <Tab to="/plugins">{text.catalogue.tab}</Tab>
          <Tab to="/plugins/installed">{text.installed.tab}</Tab>
          {mayPublish && <Tab to="/plugins/upload">{text.upload}</Tab>}
          {mayPublish && <Tab to="/plugins/develop">{text.develop}</Tab>}
        </Tabs>
      }
    >
      {children}
    </Page>
  );
}
