import { Code } from "../../ui/copy-field";
import { Section } from "../../ui/page";
import { Room } from "../room";
import { MachineKey } from "./machine-key";
import { Publishers } from "./publishers";
import { Trials } from "./trials";
import { text } from "./text";

/** For whoever writes a plugin: how to try it out here, what runs of it, and whose keys sign. */
export function DevelopPage() {
  const server = location.origin;
  return (
    <Room title={text.develop.title} intro={text.develop.intro}>
      <div className="grid max-w-3xl gap-10">
        <Section title={text.develop.howTitle} intro={text.develop.how} isBare>
          <ol className="grid gap-5">
            {steps(server).map(({ title, commands }) => (
              <li key={title} className="grid gap-2">
                <h3 className="font-semibold">{title}</h3>
                <Code label={title}>{commands}</Code>
              </li>
            ))}
          </ol>
        </Section>
        <Trials />
        <MachineKey server={server} />
        <Publishers />
      </div>
    </Room>
  );
}

/** The commands as docs/PLUGINS.md has them. */
const steps = (server: string) => [
  { title: text.develop.install, commands: "cargo install --locked --path sdk/cli" },
  { title: text.develop.begin, commands: "neustream-plugin new acme/words --kind moderation --language rust\ncd words" },
  { title: text.develop.logIn, commands: `neustream-plugin login ${server}` },
  { title: text.develop.run, commands: "neustream-plugin dev" },
  { title: text.develop.watch, commands: "neustream-plugin logs acme/words --follow" },
];
