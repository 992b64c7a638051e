import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type Plugin } from "vite";

/** Where `npm run dev` finds a running server. */
const server = process.env["NEUSTREAM_DEV_SERVER"] ?? "http://127.0.0.1:3000";

/** Compresses once, as well as it goes, what the server would otherwise compress quickly for each request. */
const compressed: Plugin = {
  name: "compressed",
  apply: "build",
  writeBundle({ dir = "dist" }, bundle) {
    for (const name of Object.keys(bundle).filter((name) => /^assets\/.*\.(css|js|svg)$/.test(name))) {
      const file = join(dir, name);
      writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
    }
  },
};

export default defineConfig({
  plugins: [tailwindcss(), compressed],
  esbuild: { jsx: "automatic" },
  build: {
    // Pages wait for their words at the top of a module.
    target: "es2022",
    // The content security policy allows neither inline scripts nor data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What imports what, for the test of sizes (src/size.test.ts).
    manifest: true,
    rollupOptions: {
      input: ["index.html", "watch.html", "embed.html", "docs.html"],
      onwarn: (warning, warn) => {
        // Directives for server components mean nothing in a bundle for the browser.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
  server: {
    proxy: {
      "/api": server,
      "/hls": server,
      "/socket.io": { target: server, ws: true },
    },
  },
});
