import type { Plugin } from "../api/types";
import { PermissionSheet } from "../plugins/permission-sheet";
import { text } from "./form/text";

/** What the sandbox lets the plugin do, for whoever adds a destination that uses it. */
export function MayDo({ plugin }: { plugin: Plugin }) {
  const { permissions, secrets, version, publisher } = plugin;
  return (
    <details>
      <summary className="w-fit rounded-md py-3 text-sm font-semibold text-muted sm:py-2">
        {text.form.mayDo}
      </summary>
      <div className="grid gap-3 pt-2">
        <p className="text-sm text-muted">
          <bdi>{publisher}</bdi>, {version}
        </p>
        <PermissionSheet permissions={permissions} plugin={plugin} secrets={secrets} />
      </div>
    </details>
  );
}
