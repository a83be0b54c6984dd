/**
 * Runs the compiler on a generated file with this repository's options.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const root = path("../..")

/** What generated files begin with. */
export const header = [
  `import * as Signature from ${JSON.stringify(`${root}/src/signature/Signature.ts`)}`,
  `import type * as History from ${JSON.stringify(`${root}/src/signature/History.ts`)}`,
  `import type * as Citations from ${JSON.stringify(`${root}/src/signature/Citations.ts`)}`,
  `import type * as Document from ${JSON.stringify(`${root}/src/signature/Document.ts`)}`,
  `import type * as Tool from ${JSON.stringify(`${root}/src/signature/ToolSpec.ts`)}`,
  `import type * as ToolCalls from ${JSON.stringify(`${root}/src/signature/ToolCall.ts`)}`,
  `import type * as Code from ${JSON.stringify(`${root}/src/signature/Code.ts`)}`,
  `import type { Reasoning } from ${JSON.stringify(`${root}/src/signature/Reasoning.ts`)}`,
  `import type { CalendarDate } from ${JSON.stringify(`${root}/src/signature/CalendarDate.ts`)}`,
  `import type * as Schema from "effect/Schema"`,
  ""
].join("\n")

export interface Report {
  /** The compiler's errors, one a line. */
  readonly errors: ReadonlyArray<string>
  readonly instantiations: number
}

/** Checks the source, which begins with {@link header}. */
export const check = (source: string): Report => {
  // Under node_modules no other run of the compiler looks, and imports resolve as they do in the repository.
  const directory = mkdtempSync(path("../../node_modules/.signatures-"))
  try {
    writeFileSync(`${directory}/generated.ts`, source)
    writeFileSync(
      `${directory}/tsconfig.json`,
      JSON.stringify({
        extends: `${root}/tsconfig.json`,
        compilerOptions: { noUnusedLocals: false },
        include: [],
        files: ["generated.ts"]
      })
    )
    const output = compile(directory)
    return {
      errors: output.split("\n").filter((line) => line.includes("error TS")),
      instantiations: Number(/^Instantiations:\s+(\d+)/m.exec(output)?.[1])
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const compile = (directory: string): string => {
  try {
    return execFileSync(`${root}/node_modules/.bin/tsc`, ["-p", directory, "--extendedDiagnostics"], {
      encoding: "utf8",
      stdio: "pipe"
    })
  } catch (error) {
    return (error as { readonly stdout: string }).stdout
  }
}
