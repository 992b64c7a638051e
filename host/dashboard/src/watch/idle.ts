/** Hides the controls while nobody needs them: `data-controls` of the player says `shown` or `hidden`. */

/** Without a sign of the viewer for this long they go. */
const IDLE_MS = 2500;

/**
 * Shows the controls at every sign of the viewer. They stay while `isHeld`: the picture stands, a menu is open, the mouse
 * rests on them, or the keyboard's focus is among them. A hidden button still takes the focus, which shows it.
 */
export function hideWhenIdle(player: HTMLElement, bar: HTMLElement, isHeld: () => boolean) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A button keeps its focus while another window, or the page around the frame, has the keyboard.
  const isFocused = () => document.hasFocus() && bar.querySelector(":focus-visible") !== null;
  const isInUse = () => isHeld() || isFocused() || bar.matches(":hover");
  const hide = () => {
    if (isInUse()) arm();
    else player.dataset["controls"] = "hidden";
  };
  const arm = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, IDLE_MS);
  };
  const show = () => {
    player.dataset["controls"] = "shown";
    arm();
  };
  player.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") show();
  });
  player.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse" && !isInUse()) player.dataset["controls"] = "hidden";
  });
  // A finger on the picture asks for the controls, or sends them away; one on a control uses it.
  player.addEventListener("pointerup", (event) => {
    if (event.pointerType === "mouse") return;
    const isOnBar = bar.contains(event.target as Node);
    if (player.dataset["controls"] === "shown" && !isOnBar && !isHeld()) player.dataset["controls"] = "hidden";
    else show();
  });
  player.addEventListener("focusin", show);
  document.addEventListener("keydown", show);
  show();
}
