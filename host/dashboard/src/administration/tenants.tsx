import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, type FormEvent } from "react";
import { date } from "../format/format";
import { plural } from "../text/plural";
import { Button } from "../ui/button";
import { Empty } from "../ui/empty";
import { Field } from "../ui/field";
import { textOf } from "../ui/form";
import { Loaded } from "../ui/loading";
import { Panel } from "../ui/page";
import { Table } from "../ui/table";
import { Tally } from "../ui/tally";
import type { AccountBody } from "../../generated/schema";
import { Pager } from "./pager";
import { Partners } from "./partners";
import { accountsQuery } from "./queries";
import { Room } from "./room";
import { text } from "./text";

const AccountMenu = lazy(() => import("./account-menu").then(({ AccountMenu }) => ({ default: AccountMenu })));

const route = getRouteApi("/_app/admin/tenants");

/** Everybody who has an account, and what those who run the platform do about it. */
export function TenantsPage() {
  const { search = "", page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const accounts = useQuery(accountsQuery({ page, search }));
  const show = (next: { search?: string; page?: number }) => void navigate({ search: next });
  const kept = search === "" ? {} : { search };

  return (
    <Room title={text.tenants.title} intro={text.tenants.intro}>
      <div className="grid gap-4">
        <Search key={search} search={search} onSearch={(next) => show(next === "" ? {} : { search: next })} />
        <Loaded query={accounts} lines={6}>
          {({ users, pagination }) => (
            <>
              <p role="status" className="text-sm text-muted">
                {plural(text.tenants.found, pagination.total)}
              </p>
              {users.length === 0 ? (
                <Empty title={text.tenants.empty} hint={text.tenants.emptyHint}>
                  <Button onClick={() => show({})}>{text.tenants.showAll}</Button>
                </Empty>
              ) : (
                <Panel>
                  <Accounts accounts={users} />
                </Panel>
              )}
              <Pager
                pagination={pagination}
                onTurn={(next) => show(next === 1 ? kept : { ...kept, page: next })}
              />
            </>
          )}
        </Loaded>
      </div>
      <Partners />
    </Room>
  );
}

function Search({ search, onSearch }: { search: string; onSearch: (search: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSearch(textOf(new FormData(event.currentTarget), "search"));
  };
  return (
    <form role="search" onSubmit={submit} className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-2 sm:max-w-lg">
      <Field
        label={text.tenants.search}
        hint={text.tenants.searchHint}
        type="search"
        name="search"
        maxLength={100}
        defaultValue={search}
      />
      {/* Beside the field, which has its label above. */}
      <Button type="submit" className="mt-[1.7rem]">
        {text.tenants.find}
      </Button>
    </form>
  );
}

function Accounts({ accounts }: { accounts: readonly AccountBody[] }) {
  return (
    <Table
      label={text.tenants.title}
      keyOf={({ id }) => id}
      rows={accounts}
      columns={[
        { title: text.tenants.person, cell: (account) => <Person account={account} /> },
        { title: text.organisation, cell: ({ organisation }) => <span className="max-sm:text-end">{organisation.name}</span> },
        { title: text.tenants.plan, cell: (account) => <Plan account={account} /> },
        { title: text.state, cell: (account) => <AccountState account={account} /> },
        { title: text.since, cell: ({ created_at }) => <span className="whitespace-nowrap">{date(created_at)}</span> },
        { title: text.tenants.actions, isTitleHidden: true, cell: (account) => (
            <Suspense fallback={<span className="inline-block h-11 sm:h-10" />}>
              <AccountMenu account={account} />
            </Suspense>
          ),
        },
      ]}
    />
  );
}

function Person({ account }: { account: AccountBody }) {
  const notes = [
    account.role === "admin" && text.tenants.runsPlatform,
    !account.email_verified && text.tenants.unverified,
  ].filter((note) => note !== false);
  return (
    <span className="grid min-w-0 max-sm:justify-items-end max-sm:text-end">
      <span className="font-semibold wrap-anywhere">{account.display_name}</span>
      <span dir="ltr" className="w-fit text-muted wrap-anywhere">
        {account.email}
      </span>
      {notes.length > 0 && <span className="text-xs text-muted">{notes.join(" · ")}</span>}
    </span>
  );
}

function Plan({ account: { subscription } }: { account: AccountBody }) {
  const { pastDue, subscribed, given } = text.tenants.plans;
  const note = subscription.status === "past_due" ? pastDue : subscription.is_subscribed ? subscribed : given;
  return (
    <span className="grid max-sm:text-end sm:min-w-24">
      {subscription.plan_name}
      <span className="text-xs text-muted">{note}</span>
    </span>
  );
}

function AccountState({ account }: { account: AccountBody }) {
  if (account.suspended_at == null) return <Tally state="active" tone="good">{text.tenants.states.active}</Tally>;
  return (
    <span className="grid max-sm:justify-items-end max-sm:text-end">
      <Tally state="suspended" tone="bad">
        {text.tenants.states.suspended}
      </Tally>
      <span dir="auto" className="text-xs text-muted wrap-anywhere">
        {account.suspension_reason}
      </span>
    </span>
  );
}
