import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../api/client";
import { bitrate } from "../format/format";
import { Button, buttonLook } from "../ui/button";
import { Chart } from "../ui/chart";
import { ConfirmButton } from "../ui/confirm";
import { Code, CopyField } from "../ui/copy-field";
import { Dialog } from "../ui/dialog";
import { Empty } from "../ui/empty";
import { ErrorNote } from "../ui/error-note";
import { Checkbox, Choice, Field, Select, TextArea } from "../ui/field";
import { Figure, Figures, Meter } from "../ui/figure";
import { Icon } from "../ui/icon";
import { Loading } from "../ui/loading";
import { Menu, MenuItem } from "../ui/menu";
import { Moment } from "../ui/moment";
import { Section } from "../ui/page";
import { Steps } from "../ui/steps";
import { Switch } from "../ui/switch";
import { Table } from "../ui/table";
import { OnAir, Tally, tallyEdge, toneOf } from "../ui/tally";
import { notify, removeWithUndo } from "../ui/toast";
import { text as common } from "../ui/text";
import { address, Specimen } from "./specimen";
import { text } from "./text";

/** Every part in every state that it has. */
export function Components() {
  return (
    <>
      <Section title={text.actions}>
        <Buttons />
        <Overlays />
      </Section>
      <Section title={text.states} intro={text.statesIntro}>
        <States />
      </Section>
      <Section title={text.input}>
        <Inputs />
      </Section>
      <Section title={text.output}>
        <Values />
      </Section>
    </>
  );
}

const looks = ["primary", "quiet", "plain", "danger"] as const;

function Buttons() {
  return looks.map((look) => (
    <Specimen key={look} name={text.looks[look]}>
      <div className="flex flex-wrap items-center gap-2">
        <Button look={look}>{text.press}</Button>
        <Button look={look} disabled>
          {text.disabled}
        </Button>
        <Button look={look} isBusy>
          {text.busy}
        </Button>
        <Link to="/design" className={buttonLook(look)}>
          {text.asLink}
        </Link>
      </div>
    </Specimen>
  ));
}

function Overlays() {
  const [isOpen, setIsOpen] = useState(false);
  const nothing = async () => undefined;
  return (
    <Specimen name={text.overlays}>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setIsOpen(true)}>{text.dialog}</Button>
        <ConfirmButton label={text.confirm} consequence={text.consequence} action={nothing} />
        <Menu
          trigger={
            <Button>
              {text.menu}
              <Icon name="down" className="size-4" />
            </Button>
          }
        >
          <MenuItem onClick={() => notify(common.copied)}>{common.copy}</MenuItem>
          <MenuItem isDangerous onClick={() => removeWithUndo("specimen", { message: text.removed, commit: nothing })}>
            {common.remove}
          </MenuItem>
        </Menu>
        <Button onClick={() => notify(common.saved)}>{text.message}</Button>
        <Button onClick={() => removeWithUndo("specimen", { message: text.removed, commit: nothing })}>{text.undo}</Button>
      </div>
      {isOpen && (
        <Dialog title={text.dialog} intro={text.consequence} onClose={() => setIsOpen(false)}>
          <Field label={text.label} name="in-dialog" autoFocus />
        </Dialog>
      )}
    </Specimen>
  );
}

const shownStates = ["live", "connecting", "retrying", "failed", "idle", "off"];

function States() {
  return (
    <>
      <Specimen name={text.tally}>
        <ul className="grid w-full gap-2 sm:grid-cols-2">
          {shownStates.map((state) => (
            <li key={state} className={`rounded-md border border-line px-3 py-2 ${tallyEdge(toneOf(state))}`}>
              <Tally state={state} isStill />
            </li>
          ))}
        </ul>
        <OnAir>{text.onAir}</OnAir>
      </Specimen>
      <Specimen name={text.error}>
        <div className="w-full">
          <ErrorNote error={new ApiError(0, "UNREACHABLE", "")} onRetry={() => notify(common.retry)} />
        </div>
      </Specimen>
      <Specimen name={text.loading}>
        <div className="w-full">
          <Loading />
        </div>
      </Specimen>
      <Specimen name={text.empty}>
        <Empty title={text.emptyTitle} hint={text.emptyHint}>
          <Button look="primary">{common.add}</Button>
        </Empty>
      </Specimen>
    </>
  );
}

function Inputs() {
  const [choice, setChoice] = useState("one");
  const [isOn, setIsOn] = useState(true);
  return (
    <>
      <Specimen name={text.fields}>
        <div className="grid w-full gap-4 sm:grid-cols-2">
          <Field label={text.label} hint={text.hint} name="plain" />
          <Field label={text.label} error={text.problem} name="wrong" defaultValue="?" />
          <Field label={text.disabled} name="disabled" disabled />
          <Select label={text.choice} name="select">
            <option>{text.first}</option>
            <option>{text.second}</option>
          </Select>
          <TextArea label={text.lines} name="lines" />
          <Checkbox label={text.checkbox} hint={text.hint} name="checkbox" />
        </div>
      </Specimen>
      <Specimen name={text.choice}>
        <Choice
          label={text.choice}
          name="choice"
          value={choice}
          onChange={setChoice}
          options={[
            { value: "one", label: text.first, hint: text.hint },
            { value: "two", label: text.second },
          ]}
        />
      </Specimen>
      <Specimen name={text.switch}>
        <Switch label={text.switch} isOn={isOn} onChange={setIsOn} />
        <Switch label={text.disabled} isOn={false} disabled onChange={setIsOn} />
      </Specimen>
    </>
  );
}

const began = Date.now();
const moments = Array.from({ length: 60 }, (_, place) => began - (60 - place) * 2000);
const curve = moments.map((_, place) => 4_200_000 + Math.sin(place / 6) * 600_000);
const command = "ffmpeg -re -i show.mp4 \\\n  -c copy -f flv rtmp://stream.example.com/live/nsk_…";
const rows = [
  { name: "Twitch", bps: 4_100_000 },
  { name: "YouTube", bps: 4_150_000 },
];

function Values() {
  return (
    <>
      <Specimen name={text.figures}>
        <Figures>
          <Figure label={text.bitrate} value={bitrate(4_200_000)} isLarge />
          <Figure label={text.bitrate} value={bitrate(640_000)} note={text.hint} />
        </Figures>
        <div className="grid w-full gap-4">
          <Meter label={text.meter} used={3} max={10} value={common.of("3", "10")} />
          <Meter label={text.meter} used={9} max={10} value={common.of("9", "10")} />
          <Meter label={text.meter} used={10} max={10} value={common.of("10", "10")} />
        </div>
        <p>
          <Moment at={new Date(began).toISOString()} />
        </p>
      </Specimen>
      <Specimen name={text.copying}>
        <div className="grid w-full gap-4">
          <CopyField label={text.label} value={address} />
          <CopyField label={text.secret} value="nsk_0000000000000000" isSecret />
          <Code label={text.lines}>{command}</Code>
        </div>
      </Specimen>
      <Specimen name={text.graph}>
        <div className="w-full">
          <Chart title={text.bitrate} moments={moments} series={[{ label: text.bitrate, values: curve }]} format={bitrate} />
        </div>
      </Specimen>
      <Specimen name={text.table}>
        <Table
          label={text.table}
          rows={rows}
          keyOf={({ name }) => name}
          columns={[
            { title: text.name, cell: ({ name }) => name },
            { title: text.bitrate, cell: ({ bps }) => bitrate(bps), isNumber: true },
          ]}
        />
      </Specimen>
      <Specimen name={text.steps}>
        <Ladder />
      </Specimen>
      <Specimen name={text.icons}>
        <ul className="flex flex-wrap gap-4">
          {(["add", "back", "check", "close", "copy", "down", "download", "external", "more", "menu", "search", "upload", "warning"] as const).map((name) => (
            <li key={name}>
              <Icon name={name} />
            </li>
          ))}
        </ul>
      </Specimen>
    </>
  );
}

function Ladder() {
  return (
    <Steps
      steps={[
        { title: text.first, state: "done" },
        { title: text.second, state: "current", children: <p className="text-muted">{text.hint}</p> },
        { title: text.third, state: "coming" },
      ]}
    />
  );
}
