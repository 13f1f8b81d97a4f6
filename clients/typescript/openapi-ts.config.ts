import { defineConfig } from "@hey-api/openapi-ts";

// Where the output lies, another place can be asked for: a test compares what is checked in with what comes out anew.
export default defineConfig({
  input: "../../docs/openapi.json",
  output: { path: process.env.CLIENT_FOLDER ?? "src", module: { extension: ".js" } },
  plugins: ["@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-fetch"],
});
