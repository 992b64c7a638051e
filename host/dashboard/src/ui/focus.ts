/** As a `ref`: takes the focus when it appears, where what had it is gone. */
export function focusOn(element: HTMLElement | null) {
  element?.focus();
}
