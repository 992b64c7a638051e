import { describe, expect, it } from "vitest";
import { actionOf, type KeyPress } from "./keyboard";
import { keysByAction } from "./keys";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
});

describe("a key", () => {
  it("does what the list of keys says", () => {
    for (const [what, keys] of Object.entries(keysByAction)) {
      for (const name of keys) {
        const arrows: Record<string, string> = { "↑": "ArrowUp", "↓": "ArrowDown", "←": "ArrowLeft", "→": "ArrowRight" };
        const key = name === "space" ? " " : (arrows[name] ?? name);
        expect(actionOf(press(key), "elsewhere")?.do, name).toBe(what);
      }
    }
  });

  it("is known by its place where it writes another script", () => {
    expect(actionOf(press("ن", { code: "KeyK" }), "elsewhere")).toEqual({ do: "togglePlay" });
    expect(actionOf(press("ا", { code: "KeyF" }), "elsewhere")).toEqual({ do: "toggleFullScreen" });
  });

  it("is known by its letter where letters lie elsewhere", () => {
    expect(actionOf(press("m", { code: "Semicolon" }), "elsewhere")).toEqual({ do: "toggleMute" });
  });

  it("is the browser's, the field's or the button's where it is theirs", () => {
    expect(actionOf(press("f", { ctrlKey: true }), "elsewhere")).toBeUndefined();
    expect(actionOf(press("l", { metaKey: true }), "elsewhere")).toBeUndefined();
    expect(actionOf(press("k"), "field")).toBeUndefined();
    expect(actionOf(press("ArrowUp"), "field")).toBeUndefined();
    expect(actionOf(press(" "), "button")).toBeUndefined();
    expect(actionOf(press("k"), "button")).toEqual({ do: "togglePlay" });
    expect(actionOf(press("Tab"), "elsewhere")).toBeUndefined();
    expect(actionOf(press("constructor"), "elsewhere")).toBeUndefined();
  });

  it("that is held down changes only what has degrees", () => {
    expect(actionOf(press("m", { repeat: true }), "elsewhere")).toBeUndefined();
    expect(actionOf(press("ArrowDown", { repeat: true }), "elsewhere")).toMatchObject({ do: "volume" });
  });
});
