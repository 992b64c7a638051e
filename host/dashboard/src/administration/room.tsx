import type { ReactNode } from "react";
import { Page, Tab, Tabs } from "../ui/page";
import { text } from "./text";

interface Props {
  title: string;
  intro?: ReactNode;
  aside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the administration with the way to its others. */
export function Room({ title, children, ...rest }: Props) {
  return (
    <Page title={title} name={`${title} · ${text.area}`} tabs={<Areas />} {...rest}>
      {children}
    </Page>
  );
}

function Areas() {
  return (
    <Tabs label={text.area}>
      <Tab to="/admin">{text.areas.system}</Tab>
      <Tab to="/admin/tenants">{text.areas.tenants}</Tab>
      <Tab to="/admin/streams">{text.areas.streams}</Tab>
      <Tab to="/admin/plugins" isExact={false}>
        {text.areas.plugins}
      </Tab>
      <Tab to="/admin/plans" isExact={false}>
        {text.areas.plans}
      </Tab>
      <Tab to="/admin/settings">{text.areas.settings}</Tab>
      <Tab to="/admin/audit">{text.areas.audit}</Tab>
    </Tabs>
  );
}
