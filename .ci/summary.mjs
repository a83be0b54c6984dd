// Reads vitest's JSON reports, of `npm test` and of `npm run test:long`, and prints the closing line of a run.
import { existsSync, readFileSync } from "node:fs"

let passed = 0
let failed = 0
for (const mode of ["test", "long"]) {
  const report = `node_modules/.cache/vitest-report-${mode}.json`
  if (existsSync(report)) {
    const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(report, "utf8"))
    passed += numPassedTests
    // A file that could not be loaded has no tests that failed.
    failed += numFailedTests || (success ? 0 : 1)
  } else {
    failed += 1
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
