import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const client = fileURLToPath(new URL("../clients/typescript/", import.meta.url));
/** Where the API answers while the console is developed: `STOCKCAST_API=http://127.0.0.1:9000 npm run dev`. */
const api = process.env.STOCKCAST_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^stockcast-client$/, replacement: `${client}src/index.ts` },
      { find: /^stockcast-client\/(.+)$/, replacement: `${client}$1` },
    ],
  },
  server: { proxy: { "/api": api, "/demo": api } },
  build: { target: "es2023", assetsInlineLimit: 0, reportCompressedSize: true },
  test: { include: ["src/**/*.test.ts"] },
});
