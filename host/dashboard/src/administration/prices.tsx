import { useState } from "react";
import { count } from "../format/format";
import { Button } from "../ui/button";
import { Field, Select } from "../ui/field";
import { Icon } from "../ui/icon";
import type { PlanPriceBody } from "../../generated/schema";
import { minorDigits, typed } from "./money";
import { text } from "./text";

interface Row {
  key: number;
  currency: string;
  amount: string;
  cycle: string;
}

/** What a plan costs: a row a currency and billing cycle. Its fields are those that `termsOf` reads. */
export function PriceRows({ prices }: { prices: readonly PlanPriceBody[] }) {
  const [rows, setRows] = useState<readonly Row[]>(() => prices.map(rowOf));
  const add = () => setRows([...rows, { key: 1 + Math.max(-1, ...rows.map(({ key }) => key)), currency: "USD", amount: "", cycle: "monthly" }]);
  const change = (changed: Row) => setRows(rows.map((row) => (row.key === changed.key ? changed : row)));
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-1 font-semibold">{text.plans.prices}</legend>
      <p className="text-sm text-muted">{text.plans.pricesHint}</p>
      {rows.map((row, place) => (
        <PriceRow
          key={row.key}
          row={row}
          place={place + 1}
          onChange={change}
          onRemove={() => setRows(rows.filter(({ key }) => key !== row.key))}
        />
      ))}
      <Button className="justify-self-start" onClick={add}>
        <Icon name="add" className="size-4" />
        {text.plans.addPrice}
      </Button>
    </fieldset>
  );
}

interface RowProps {
  row: Row;
  /** From 1. */
  place: number;
  onChange: (row: Row) => void;
  onRemove: () => void;
}

function PriceRow({ row, place, onChange, onRemove }: RowProps) {
  const { currency, amount, cycle } = row;
  return (
    <div className="grid grid-cols-2 items-end gap-3 sm:grid-cols-[6rem_minmax(0,10rem)_minmax(0,12rem)_auto] sm:justify-start">
      <Field
        label={text.plans.currency}
        name="currency"
        dir="ltr"
        value={currency}
        onChange={({ target }) => onChange({ ...row, currency: target.value.toUpperCase() })}
        pattern="[A-Z]{3}"
        maxLength={3}
        required
      />
      <Field
        label={text.plans.amount}
        name="amount"
        type="number"
        min={0}
        step={1 / 10 ** minorDigits(currency)}
        value={amount}
        onChange={({ target }) => onChange({ ...row, amount: target.value })}
        required
      />
      <Select
        label={text.plans.cycle}
        name="billing_cycle"
        value={cycle}
        onChange={({ target }) => onChange({ ...row, cycle: target.value })}
      >
        {Object.entries(text.plans.cycles).map(([word, name]) => (
          <option key={word} value={word}>
            {name}
          </option>
        ))}
      </Select>
      <Button aria-label={text.plans.removePrice(count(place))} className="justify-self-start px-2.5!" onClick={onRemove}>
        <Icon name="close" className="size-4" />
      </Button>
    </div>
  );
}

function rowOf({ currency, amount_minor, billing_cycle }: PlanPriceBody, key: number): Row {
  return { key, currency, amount: typed(amount_minor, currency), cycle: billing_cycle };
}
