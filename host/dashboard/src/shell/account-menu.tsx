import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { logOut, useUser } from "../api/session";
import { actFor } from "../api/scope";
import { chooseLanguage, chosenLanguage, languages, type Language } from "../text/language";
import { Icon } from "../ui/icon";
import { Menu, MenuChoice, MenuItem, MenuLine, MenuLink } from "../ui/menu";
import { text } from "./text";
import { chooseTheme, themes, useTheme, type Theme } from "./theme";

/** Who is logged in, and what is theirs on this device: appearance, language, the way out. */
export function AccountMenu() {
  const user = useUser();
  const client = useQueryClient();
  const router = useRouter();
  const theme = useTheme();
  const leave = async () => {
    await logOut();
    actFor({});
    client.clear();
    await router.navigate({ to: "/login" });
  };
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className="flex min-h-11 w-full min-w-0 items-center gap-2.5 rounded-md px-2 text-start text-sm hover:bg-line/50"
        >
          <span aria-hidden className="grid size-8 shrink-0 place-items-center rounded-full bg-ink font-bold text-canvas">
            {user?.display_name.charAt(0).toUpperCase()}
          </span>
          <span className="sr-only">{text.account}:</span>
          <span className="grid min-w-0">
            <span className="truncate font-semibold">{user?.display_name}</span>
            <span className="truncate text-xs text-muted">{user?.email}</span>
          </span>
        </button>
      }
    >
      <MenuChoice
        label={text.appearance}
        value={theme}
        options={themes.map((value) => ({ value, label: text.themes[value] }))}
        onChange={(value) => chooseTheme(value as Theme)}
      />
      <MenuLine />
      <MenuChoice
        label={text.language}
        value={chosenLanguage() ?? ""}
        options={[
          { value: "", label: text.languageOfBrowser },
          ...Object.entries(languages).map(([value, { name }]) => ({ value, label: name, lang: value })),
        ]}
        onChange={(value) => chooseLanguage(value === "" ? undefined : (value as Language))}
      />
      <MenuLine />
      <MenuLink link={<a href="/api/docs" target="_blank" rel="noopener" />}>
        {text.help}
        <Icon name="external" className="size-4" />
      </MenuLink>
      <MenuItem onClick={() => void leave()}>{text.logOut}</MenuItem>
    </Menu>
  );
}
