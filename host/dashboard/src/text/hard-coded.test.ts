/** Holds every page to the words of its `text` folder. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

const SPOKEN = new Set(["aria-label", "aria-description", "alt", "title", "placeholder", "label", "hint", "intro"]);
const root = new URL("..", import.meta.url).pathname;

const hasWords = (value: string) => /\p{L}{2,}/u.test(value);

/** What a file says itself, as `file:line: words`. */
function spokenIn(name: string, source: string): string[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const tell = (node: ts.Node, words: string) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    if (hasWords(words)) found.push(`${name}:${line + 1}: ${words.trim()}`);
  };
  const visit = (node: ts.Node) => {
    if (ts.isJsxText(node)) tell(node, node.text);
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText())) {
      const value = node.initializer;
      if (value !== undefined && ts.isStringLiteral(value)) tell(node, value.text);
    }
    if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) {
      const value = node.expression;
      if (value !== undefined && ts.isStringLiteralLike(value)) tell(node, value.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

it("finds words in the markup and in what is read out", () => {
  const source = `<p title="Hello there">Some words<b aria-label={x}>·</b>{"more words"}</p>`;
  expect(spokenIn("x.tsx", source)).toHaveLength(3);
});

it("finds none on the pages", () => {
  const files = readdirSync(root, { recursive: true }).map(String).filter((name) => name.endsWith(".tsx"));
  expect(files.length).toBeGreaterThan(10);
  expect(files.flatMap((name) => spokenIn(name, readFileSync(join(root, name), "utf8")))).toEqual([]);
  // Reading every page takes a while on a busy machine.
}, 60_000);

it("says the same in four languages", () => {
  const folders = readdirSync(root, { recursive: true }).map(String).filter((name) => /(^|\/)text\/en\.ts$/.test(name));
  const missing = folders.flatMap((name) =>
    ["es", "hi", "ar"].map((language) => name.replace(/en\.ts$/, `${language}.ts`)).filter((other) => {
      try {
        return !readFileSync(join(root, other), "utf8").includes("Texts = {");
      } catch {
        return true;
      }
    }),
  );
  expect(missing).toEqual([]);
});
