import type { ReactNode } from "react";

interface Column<Row> {
  /** The heading; for a column of buttons what they are, which is then only read out. */
  title: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand under each other. */
  isNumber?: boolean;
  isTitleHidden?: boolean;
}

interface Props<Row> {
  /** What the rows are; read out. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}

/** Rows under headings; on a phone every row is a block of its own with its headings in front. */
export function Table<Row>({ label, columns, rows, keyOf }: Props<Row>) {
  return (
    // The roles are lost with `display: block` in some browsers, so they are said.
    <table role="table" aria-label={label} className="w-full border-collapse text-sm max-sm:block">
      <thead role="rowgroup" className="max-sm:sr-only">
        <tr role="row">
          {columns.map((column) => (
            <th
              key={column.title}
              role="columnheader"
              scope="col"
              className={`border-b border-edge py-2 pe-4 text-xs font-semibold text-muted
                ${column.isNumber ? "text-end" : "text-start"}`}
            >
              {column.isTitleHidden ? <span className="sr-only">{column.title}</span> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" className="max-sm:block">
        {rows.map((row) => (
          <tr role="row" key={keyOf(row)} className="border-b border-line last:border-b-0 max-sm:grid max-sm:gap-1 max-sm:py-3">
            {columns.map((column) => (
              <td
                key={column.title}
                role="cell"
                className={`min-w-0 wrap-anywhere max-sm:flex max-sm:justify-between max-sm:gap-4 sm:py-2.5 sm:pe-4
                  sm:last:pe-0 ${column.isNumber ? "tabular-nums sm:text-end" : ""}`}
              >
                {!column.isTitleHidden && (
                  <span aria-hidden className="shrink-0 text-muted sm:hidden">
                    {column.title}
                  </span>
                )}
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
