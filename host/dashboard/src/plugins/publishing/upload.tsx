import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import type { CheckBody, PluginVersionBody } from "../../../generated/schema";
import { bytes, sentence } from "../../format/format";
import { Button, buttonLook } from "../../ui/button";
import { ErrorNote } from "../../ui/error-note";
import { Choice } from "../../ui/field";
import { Meter } from "../../ui/figure";
import { Panel } from "../../ui/page";
import { ScanReport } from "../catalogue/scan-report";
import { PermissionSheet } from "../permission-sheet";
import { Room } from "../room";
import { Trust } from "../states";
import { DropZone } from "./drop-zone";
import { MOST_BYTES, sendPackage, whyNotPackage } from "./send-package";
import { text } from "./text";

type State =
  | { is: "waiting" }
  | { is: "sending"; name: string; size: number; share: number }
  | { is: "done"; version: PluginVersionBody }
  | { is: "refused"; name: string; error: unknown };

/** Brings a package here: private, or for everybody after a review. */
export function UploadPage() {
  const client = useQueryClient();
  const [visibility, setVisibility] = useState<"private" | "public">("private");
  const [state, setState] = useState<State>({ is: "waiting" });
  const sending = useRef<AbortController>(undefined);
  // Whoever leaves has lost interest.
  useEffect(() => () => sending.current?.abort(), []);

  const send = async (file: File) => {
    const over = new AbortController();
    sending.current = over;
    const { name, size } = file;
    try {
      const problem = await whyNotPackage(file);
      if (problem !== undefined) throw new Error(text.upload.not[problem](bytes(MOST_BYTES)));
      setState({ is: "sending", name, size, share: 0 });
      const onProgress = (share: number) => setState({ is: "sending", name, size, share });
      const version = await sendPackage({ file, visibility, onProgress, signal: over.signal });
      setState({ is: "done", version });
      void client.invalidateQueries({ queryKey: ["plugins"] });
    } catch (error) {
      setState(over.signal.aborted ? { is: "waiting" } : { is: "refused", name, error });
    }
  };

  return (
    <Room title={text.upload.title} intro={text.upload.intro}>
      <div className="grid max-w-3xl gap-6">
        <Choice
          label={text.upload.visibility}
          name="visibility"
          value={visibility}
          onChange={(value) => setVisibility(value === "public" ? "public" : "private")}
          options={(["private", "public"] as const).map((value) => ({
            value,
            label: text.upload.visibilities[value].name,
            hint: text.upload.visibilities[value].hint,
          }))}
        />
        {state.is === "sending" ? (
          <Sending state={state} onCancel={() => sending.current?.abort()} />
        ) : (
          <DropZone onFile={(file) => void send(file)} />
        )}
        {state.is === "refused" && <Refused name={state.name} error={state.error} />}
        {state.is === "done" && <Done uploaded={state.version} />}
      </div>
    </Room>
  );
}

function Sending({ state, onCancel }: { state: Extract<State, { is: "sending" }>; onCancel: () => void }) {
  const { name, size, share } = state;
  return (
    <Panel>
      <div className="grid gap-3">
        <Meter
          label={name}
          used={Math.round(share * size)}
          max={undefined}
          value={text.upload.sent(bytes(share * size), bytes(size))}
        />
        <p role="status" className="text-sm text-muted">
          {share < 1 ? text.upload.sending : text.upload.scanning}
        </p>
        <div>
          <Button onClick={onCancel}>{text.upload.cancel}</Button>
        </div>
      </div>
    </Panel>
  );
}

/** What the server did not like, line by line, and what to do about it. */
function Refused({ name, error }: { name: string; error: unknown }) {
  const code = error instanceof ApiError ? error.code : "";
  const advice = text.upload.advice[code];
  const checks = error instanceof ApiError ? (error.detail("checks") as CheckBody[] | undefined) : undefined;
  return (
    <div className="grid gap-4">
      {error instanceof ApiError ? (
        <ErrorNote error={error} />
      ) : (
        <p role="alert" className="rounded-md border border-bad/50 border-s-4 border-s-bad bg-bad/6 px-4 py-3 text-sm font-semibold text-bad">
          {text.upload.refused(name)} {error instanceof Error ? error.message : ""}
        </p>
      )}
      {advice !== undefined && <p>{advice}</p>}
      {checks !== undefined && (
        <Panel>
          <ScanReport checks={checks} />
        </Panel>
      )}
    </div>
  );
}

function Done({ uploaded: { plugin, version, next } }: { uploaded: PluginVersionBody }) {
  const [namespace = "", name = ""] = plugin.id.split("/");
  return (
    <Panel>
      <div className="grid gap-5">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1" role="status">
          <h2 className="text-lg font-semibold">
            {plugin.name} <code dir="ltr">{plugin.version}</code>
          </h2>
          <Trust state={version.state} />
        </div>
        {next != null && <p>{text.upload.next[next.code] ?? sentence(next.message)}</p>}
        {version.scan != null && <ScanReport checks={version.scan} />}
        <div className="grid gap-3">
          <h3 className="font-semibold">{text.upload.mayDo}</h3>
          <PermissionSheet permissions={plugin.permissions} plugin={plugin} secrets={plugin.secrets} />
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          <Link to="/plugins/$namespace/$name" params={{ namespace, name }} className={buttonLook("quiet")}>
            {text.upload.toPlugin}
          </Link>
          <Link to="/plugins/$namespace/$name/install" params={{ namespace, name }} className={buttonLook("primary")}>
            {text.upload.install}
          </Link>
        </div>
      </div>
    </Panel>
  );
}
