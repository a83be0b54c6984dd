/**
 * Who is measured, and what must be installed for it. A new contender is a file in `contenders/`, which exports `make`, and a
 * row here. Where the packages are installed, `tsc -p test/bench/peers` checks those files; the project's own check leaves them out.
 */
import { existsSync, readFileSync } from "node:fs"

export interface Contender {
  /** What rows call it, and `--peers`. */
  readonly name: string
  /** Its program, in `contenders/`. */
  readonly file: string
  /** How the model writes fields for it. */
  readonly form: string
  /** The npm package whose version is shown; the library itself and the limits have none. */
  readonly packageName?: string
  /** What must be installed for it. */
  readonly needs?: "npm" | "python"
  /** The only part that it is measured in. */
  readonly only?: string
}

/** All, in the order in which they take turns. */
export const contenders: ReadonlyArray<Contender> = [
  { name: "node:http", file: "http.ts", form: "chat" },
  { name: "fetch", file: "fetch.ts", form: "chat" },
  { name: "effect-lm", file: "effectLm.ts", form: "chat" },
  { name: "effect-lm-json", file: "effectLm.ts", form: "json", only: "streaming" },
  { name: "effect-lm-xml", file: "effectLm.ts", form: "xml", only: "streaming" },
  { name: "openai", file: "openai.ts", form: "chat", packageName: "openai", needs: "npm" },
  { name: "ai", file: "aiSdk.ts", form: "chat", packageName: "ai", needs: "npm" },
  { name: "ax", file: "ax.ts", form: "labels", packageName: "@ax-llm/ax", needs: "npm" },
  { name: "langchain", file: "langchain.ts", form: "chat", packageName: "@langchain/openai", needs: "npm" },
  { name: "tanstack", file: "tanstack.ts", form: "chat", packageName: "@tanstack/ai", needs: "npm" },
  { name: "mastra", file: "mastra.ts", form: "chat", packageName: "@mastra/core", needs: "npm" },
  { name: "effect/ai", file: "effectAi.ts", form: "chat", packageName: "effect" },
  { name: "dspy", file: "dspy.py", form: "chat", needs: "python" }
]

/** What the others are compared with. */
export const reference = "openai"

/** Who is ours, and who is no library but a limit: charts and tables set them apart. */
export const isOurs = (name: string): boolean => name.startsWith("effect-lm")
export const isLimit = (name: string): boolean => name === "node:http" || name === "fetch"

const titles: Readonly<Record<string, string>> = {
  "node:http": "`node:http` + `JSON.parse`, a limit",
  "fetch": "`fetch` + `JSON.parse`, a limit",
  "effect-lm": "**effect-lm**",
  "effect-lm-json": "**effect-lm**, JSON",
  "effect-lm-xml": "**effect-lm**, XML",
  "openai": "openai SDK",
  "ai": "AI SDK",
  "langchain": "LangChain",
  "tanstack": "TanStack AI",
  "mastra": "Mastra",
  "effect/ai": "effect/ai, minimal model",
  "dspy": "DSPy"
}

export const titleOf = (name: string): string => titles[name] ?? name

/** The version that is installed, here or for the whole project. */
export const versionOf = ({ file, packageName }: Contender): string | undefined => {
  if (file === "dspy.py") return /==(.*)/.exec(readFileSync(new URL("requirements.txt", import.meta.url), "utf8"))?.[1]
  if (packageName === undefined) return undefined
  return ["node_modules", "../../../node_modules"]
    .map((folder) => new URL(`${folder}/${packageName}/package.json`, import.meta.url))
    .filter((url) => existsSync(url))
    .map((url) => (JSON.parse(readFileSync(url, "utf8")) as { readonly version: string }).version)[0]
}
