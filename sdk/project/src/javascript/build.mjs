// Makes a component of a project in JavaScript: bundles it, looks at what it exports, binds it to its kind's world.
// Called by neustream-plugin with one argument in JSON; answers lines of JSON: {"problem": {...}} for each thing that
// is wrong. Everything is written into the work folder.

import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire, SourceMap } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { project, work, entry, kind, exports, interfaces, platform } = JSON.parse(process.argv[2]);
const require = createRequire(path.join(project, "package.json"));

function problem(code, message, place = {}, help = undefined) {
  console.log(JSON.stringify({ problem: { code, message, help, ...place } }));
}

/** Ends with one problem. */
function fail(...what) {
  problem(...what);
  process.exit(1);
}

const relative = (file) => path.relative(project, path.resolve(project, file));

async function bundle() {
  const { build } = require("esbuild");
  try {
    const { outputFiles } = await build({
      absWorkingDir: project,
      // One bundle, so that the plugin and what is around it have the same classes.
      stdin: {
        contents: `import * as own from "./${entry}"; export { own }; export { exported } from "neustream-plugin/component";`,
        resolveDir: project,
        sourcefile: "neustream-plugin-entry.js",
      },
      bundle: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["import"],
      target: "es2022",
      charset: "utf8",
      // A package that is linked keeps the name that it is imported by: no path of this machine stands in the bundle.
      preserveSymlinks: true,
      sourcemap: "external",
      outfile: path.join(work, "plugin.js"),
      write: false,
      logLevel: "silent",
    });
    for (const { path: file, contents } of outputFiles) await writeFile(file, contents);
  } catch (error) {
    if (!Array.isArray(error.errors)) throw error;
    for (const { text, location } of error.errors) {
      const place = location ? { file: relative(location.file), line: location.line } : {};
      const help = /node:|Could not resolve "(fs|path|crypto|http|https|net|os|util|stream|buffer)"/.test(text)
        ? "a plugin runs without Node: it has the language, npm packages that need nothing else, and its host"
        : undefined;
      const lines = location ? `${text}\n    ${location.lineText.trim()}` : text;
      problem("source-invalid", lines, place, help);
    }
    process.exit(1);
  }
}

/** For every run of lines of the bundle: its first line, the source (-1: none of the author's) and the first line there. */
async function places() {
  const map = new SourceMap(JSON.parse(await readFile(path.join(work, "plugin.js.map"), "utf8")));
  const lines = (await readFile(path.join(work, "plugin.js"), "utf8")).split("\n").length;
  const sources = [];
  const runs = [];
  let last;
  for (let line = 0; line < lines; line += 1) {
    const found = map.findEntry(line, 10_000);
    const file = found.originalSource ? relative(path.resolve(work, found.originalSource)) : undefined;
    const isOwn = found.generatedLine === line && file && !file.startsWith("..") && !/(^|\/)(node_modules|vendor)\//.test(file);
    if (isOwn && !sources.includes(file)) sources.push(file);
    const run = isOwn ? [line + 1, sources.indexOf(file), found.originalLine + 1] : [line + 1, -1, 0];
    const goesOn = last && last[1] === run[1] && (run[1] < 0 || run[2] - last[2] === run[0] - last[0]);
    if (!goesOn) {
      runs.push(run);
      last = run;
    }
  }
  return { sources, runs };
}

/** The default export, looked at here before it is bound: what is wrong with it has a name and a line here. */
async function written(found) {
  let module;
  try {
    module = await import(pathToFileURL(path.join(work, "plugin.js")));
  } catch (error) {
    const line = Number(/plugin\.js:(\d+)/.exec(error.stack)?.[1]);
    fail("source-invalid", `${error.name}: ${error.message}`, placeOf(line, found));
  }
  const plugin = module.own.default;
  const own = plugin?.[Symbol.for("neustream-plugin/kind")];
  const line = `export default ${kind}({ ... });`;
  if (own === undefined) {
    const help = `write \`${line}\` at its end, with \`import { ${kind} } from "neustream-plugin"\``;
    fail("export-missing", `the module exports no plugin as its default; kind ${kind} does`, { file: entry }, help);
  }
  if (own !== kind) {
    const help = `write \`kind = "${own}"\` in plugin.toml; or, for a plugin of kind ${kind}, \`${line}\``;
    fail("export-missing", `the module exports a plugin of kind ${own}; its manifest says kind ${kind}`, { file: "plugin.toml", key: "kind" }, help);
  }
  return plugin;
}

/** What componentize-js is given: the plugin, bound to its kind's interface with the imports that its manifest allows. */
async function bind(plugin, found) {
  const hasMetadata = typeof plugin.retitle === "function";
  const lines = [
    `import { own, exported } from "./plugin.js";`,
    ...interfaces.map((name) => `import * as ${name} from "neustream:host/${name}@${platform}";`),
    `const places = ${JSON.stringify(found)};`,
    `export const ${exports} = exported(own.default, { ${interfaces.join(", ")} }, places);`,
    ...(hasMetadata ? [`export const metadata = ${exports};`] : []),
    "",
  ];
  await writeFile(path.join(work, "entry.js"), lines.join("\n"));
  return hasMetadata ? "plugin-with-metadata" : "plugin";
}

/** The place of a line of the bundle. */
function placeOf(line, found) {
  const run = found.runs.findLast(([from]) => from <= line);
  return run?.[1] >= 0 ? { file: found.sources[run[1]], line: run[2] + line - run[0] } : { file: entry };
}

/** What the engine said to the first steps of a plugin that node takes. */
function refused(error, found) {
  const said = /Exception while evaluating top-level script\n([^]*)/.exec(error.message)?.[1];
  if (said === undefined) return [`componentize-js could not make a component: ${error.message}`, { file: entry }];
  const lines = said.split("\n").filter((text) => text.startsWith("plugin.js:"));
  const line = Number(/^plugin\.js:(\d+)/.exec(lines[0] ?? "")?.[1]);
  const message = lines.map((text) => text.replace(/^plugin\.js:[\d:]+ /, "")).join("\n    ");
  return [message || said, placeOf(line, found), "a plugin's engine has the language, but neither Intl nor \\p{...} in regular expressions"];
}

/** A wizer that shows the engine folders of its own naming, so that no path of this machine stays in the component. */
function wrapper(wizer) {
  return `#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
const args = process.argv.slice(2);
const after = (start) => args.find((arg) => arg.startsWith(start)).slice(start.length);
const [sources, prefix] = [after("--dir="), after("--mapdir=/::")];
const input = readFileSync(0, "utf8").replaceAll(sources, "/sources").replaceAll(prefix + "/", "/");
const mapped = args.map((arg) => (arg === "--dir=" + sources ? "--mapdir=/sources::" + sources : arg));
const { status } = spawnSync(${JSON.stringify(wizer)}, mapped, { input, stdio: ["pipe", "inherit", "inherit"] });
process.exit(status ?? 1);
`;
}

async function componentize(world, found) {
  // Its package has no main for `require`; the version is pinned.
  const main = path.join(project, "node_modules/@bytecodealliance/componentize-js/src/componentize.js");
  const { componentize } = await import(pathToFileURL(main));
  const { default: wizer } = await import(pathToFileURL(createRequire(main).resolve("@bytecodealliance/wizer")));
  const wizerBin = path.join(work, "wizer.mjs");
  await writeFile(wizerBin, wrapper(wizer));
  await chmod(wizerBin, 0o700);
  const made = componentize({
    sourcePath: path.join(work, "entry.js"),
    witPath: path.join(work, "wit"),
    worldName: world,
    disableFeatures: ["random", "stdio", "clocks", "http", "fetch-event"],
    wizerBin,
    env: {},
  });
  const { component } = await made.catch((error) => fail("source-invalid", ...refused(error, found)));
  await writeFile(path.join(work, "component.wasm"), component);
}

/** Where a component of this bundle, world and tools is kept. */
async function placeToKeep(world) {
  const wit = await readdir(path.join(work, "wit"), { recursive: true, withFileTypes: true });
  const files = wit.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
  const tool = path.join(project, "node_modules/@bytecodealliance/componentize-js/package.json");
  const made = createHash("sha256").update(world);
  for (const file of [process.argv[1], tool, path.join(work, "plugin.js"), path.join(work, "entry.js"), ...files.sort()]) {
    const text = await readFile(file);
    made.update(`\0${text.length}\0`).update(text);
  }
  return path.join(project, "node_modules/.cache/neustream-plugin", `${made.digest("hex")}.wasm`);
}

/** Puts the last build's component into place, if it was made of the same; or else makes one, and keeps it. */
async function component(world, found) {
  const file = path.join(work, "component.wasm");
  const kept = await placeToKeep(world);
  const isThere = await copyFile(kept, file).then(() => true, () => false);
  if (isThere) return;
  await componentize(world, found);
  // One is enough, and it is large. Where it cannot be kept, it is made again.
  try {
    await rm(path.dirname(kept), { recursive: true, force: true });
    await mkdir(path.dirname(kept), { recursive: true });
    await copyFile(file, `${kept}.partial`);
    await rename(`${kept}.partial`, kept);
  } catch {}
}

await bundle();
const found = await places();
await component(await bind(await written(found), found), found);
