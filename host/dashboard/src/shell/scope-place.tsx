/** The place of the menu of organisations and apps until it is known whether there is a choice: as it was last time. */

const KEY = "neustream-has-scopes";

/** Keeps for the next time that a page is opened whether there is a choice. */
export function rememberScopes(hasChoice: boolean) {
  if (hasChoice) localStorage.setItem(KEY, "yes");
  else localStorage.removeItem(KEY);
}

/** So that nothing below it moves once it is there. */
export function ScopePlace() {
  const hadChoice = localStorage.getItem(KEY) !== null;
  return <div data-loading className={hadChoice ? "h-11 shrink-0" : "hidden"} />;
}
