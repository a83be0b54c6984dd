import { defineConfig } from "vitest/config"

const conditions = ["effect-lm-source", "node", "import", "default"]
const long = "test/**/*.long.test.ts"

/** `vitest run` has the tests that everybody runs, `vitest run --mode long` those that take minutes. */
export default defineConfig(({ mode }) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    ...(mode === "long"
      ? { include: [long] }
      : { include: ["test/**/*.test.ts"], exclude: [long, "**/node_modules/**"] }),
    // As many as there are cores: much of a test's time is waiting for a process or a server. What measures runs alone.
    maxWorkers: mode === "long" ? 1 : "100%",
    // Files share their worker's modules: none of them leaves anything behind that another would see, and loading takes long.
    isolate: false,
    // Nothing that is well takes as long, on a machine that does other work too.
    testTimeout: 20_000,
    // For worker threads, which load modules without vite.
    execArgv: ["--conditions=effect-lm-source"],
    reporters: ["default", ["json", { outputFile: `node_modules/.cache/vitest-report-${mode}.json` }]]
  }
}))
