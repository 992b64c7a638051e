import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

/** Where `npm run dev` finds a running server. */
const server = process.env["NEUSTREAM_DEV_SERVER"] ?? "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [tailwindcss()],
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
