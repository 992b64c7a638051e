/** The form of a plugin's configuration, made from its JSON Schema. */

import { useEffect, useMemo, useRef } from "react";
import { FormContext } from "./form";
import { ObjectFields } from "./object-fields";
import { below, isWithin, type Config, type Problems, type Schema } from "./schema";
import { propertiesOf } from "./shape";

interface Props {
  /** JSON Schema of the configuration: of an object. */
  schema: unknown;
  value: Config;
  onChange: (next: Config) => void;
  /** What the server found wrong, by JSON pointer: see `problemsOf`. */
  problems?: Problems;
  /** Nothing has to be filled in here: the rest comes elsewhere, such as with each destination. */
  isPartial?: boolean;
}

const NONE: Problems = {};

/**
 * Fields for `value`; send what `configToSend` makes of it.
 *
 * A problem stands at its field; one whose field is not shown stands above all. The first field with a problem takes
 * the focus when the problems change.
 */
export function SchemaFields({ schema, value, onChange, problems = NONE, isPartial = false }: Props) {
  const root = schema as Schema;
  const form = useMemo(() => ({ root, problems, isPartial }), [root, problems, isPartial]);
  const container = useRef<HTMLDivElement>(null);
  const found = JSON.stringify(problems);
  const told = useRef(found);
  useEffect(() => {
    // What was wrong before anybody sent anything takes no focus, and nothing does so twice.
    if (told.current === found) return;
    told.current = found;
    const first = container.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    // Nobody can be shown a field that is folded away.
    first?.closest("details")?.setAttribute("open", "");
    first?.focus();
  }, [found]);
  return (
    <FormContext value={form}>
      <div ref={container} className="grid gap-5">
        <Unplaced problems={problems} places={propertiesOf(root, value, root).map(({ name }) => below("", name))} />
        <ObjectFields schema={root} place="" value={value} onChange={onChange} />
      </div>
    </FormContext>
  );
}

/** Problems of places that have no field: the whole, or what the schema does not know. */
function Unplaced({ problems, places }: { problems: Problems; places: readonly string[] }) {
  const hasField = (pointer: string) => places.some((place) => isWithin(pointer, place));
  // What does not begin with a slash is no place in the configuration, such as the name of a secret.
  const isOurs = (pointer: string) => pointer === "" || pointer.startsWith("/");
  const others = Object.entries(problems).filter(([pointer]) => isOurs(pointer) && !hasField(pointer));
  if (others.length === 0) return null;
  return (
    <ul role="alert" className="grid gap-1 rounded-md border border-bad/50 border-s-4 border-s-bad bg-bad/6 px-4 py-3 text-sm">
      {others.map(([pointer, message]) => (
        <li key={pointer} className="wrap-anywhere">
          {pointer !== "" && <code dir="ltr">{pointer}</code>} {message}
        </li>
      ))}
    </ul>
  );
}
