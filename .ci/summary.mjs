// Reads vitest's JSON report and prints the closing line of a run.
import { existsSync, readFileSync } from "node:fs"

const report = "node_modules/.cache/vitest-report.json"
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"))
  process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`)
} else {
  process.stdout.write("0 passed, 1 failed\n")
}
