import { Choice } from "../../ui/field";
import { text } from "../text";

/** What becomes of messages that a filter does not judge in time. */
export function OnFailure({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const options = (["hold", "allow", "delete"] as const).map((word) => ({
    value: word,
    label: text.onFailure[word].name,
    hint: text.onFailure[word].hint,
  }));
  return <Choice label={text.onFailure.title} name="on-failure" options={options} value={value} onChange={onChange} />;
}
