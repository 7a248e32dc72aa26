// How the sources become web/dist: hashed names below /app, nothing inline (the page's policy forbids it), no source maps.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    assetsDir: "app",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": "http://localhost:8080", "/health": "http://localhost:8080" } },
});
