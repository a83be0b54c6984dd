import { defineConfig } from "vitest/config"

export default defineConfig({
  resolve: { conditions: ["effect-lm-source", "node", "import", "default"] },
  ssr: { resolve: { conditions: ["effect-lm-source", "node", "import", "default"] } },
  test: {
    include: ["test/**/*.test.ts"],
    // For worker threads, which load modules without vite.
    execArgv: ["--conditions=effect-lm-source"],
    reporters: ["default", ["json", { outputFile: "node_modules/.cache/vitest-report.json" }]]
  }
})
