import { roles } from "../api/standing";
import { Section } from "../ui/page";
import { Table } from "../ui/table";
import { areas } from "./roles";
import { text as shared } from "./text";
import { text } from "./team/text";

/** What each role may do, area by area. */
export function RolesTable() {
  return (
    <Section title={text.team.rolesTitle} intro={text.team.rolesIntro}>
      <dl className="mb-5 grid gap-x-6 gap-y-3 sm:grid-cols-2 lg:grid-cols-4">
        {roles.map((role) => (
          <div key={role}>
            <dt className="font-semibold">{shared.roles[role]}</dt>
            <dd className="text-sm text-muted">{text.roleHints[role]}</dd>
          </div>
        ))}
      </dl>
      {/* On a phone the table is long, and stays closed until it is wanted. */}
      <details open={globalThis.matchMedia("(min-width: 40rem)").matches}>
        <summary className="mb-2 min-h-6 text-sm font-semibold">{text.team.areaByArea}</summary>
        <Table
          label={text.team.rolesTitle}
          keyOf={({ name }) => name}
          rows={areas()}
          columns={[
            { title: text.team.area, cell: ({ name }) => <span className="font-semibold">{text.areas[name] ?? name}</span> },
            ...roles.map((role) => ({
              title: shared.roles[role],
              cell: ({ power }: ReturnType<typeof areas>[number]) => {
                const isNothing = power[role] === "none" || power[role] === "not";
                return <span className={isNothing ? "text-muted" : ""}>{text.powers[power[role]]}</span>;
              },
            })),
          ]}
        />
      </details>
    </Section>
  );
}
