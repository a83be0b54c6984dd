/**
 * What a server says of a tool, read leniently: what it need not say may be missing, null or odd.
 */
import * as Result from "effect/Result"
import { isDeeperJson, mostLevels } from "../../text/depth.ts"
import { toParameters } from "../../tool/internal/jsonSchema.ts"
import type { ToolInfo } from "../Mcp.ts"
import { isRecord, type Json } from "./message.ts"
import { hasOddHeader } from "./parameterHeaders.ts"

/** A tool that can be called. */
export interface Listed {
  readonly name: string
  readonly info: ToolInfo
  /** The schema as the server has it, and as providers take it. */
  readonly inputSchema: Json
  readonly parameters: Json
}

/** The tool, with a warning for each odd part that was left out; or why it cannot be called. */
export const readTool = (
  raw: unknown,
  index: number
): Result.Result<{ readonly tool: Listed; readonly warnings: ReadonlyArray<string> }, string> => {
  const { annotations, description, execution, inputSchema, name } = isRecord(raw) ? raw : {} as Json
  if (typeof name !== "string" || name === "") {
    return Result.fail(`tool number ${index + 1} of its list was left out: it has no name`)
  }
  const leftOut = (why: string) => Result.fail(`the tool '${name}' was left out: ${why}`)
  if (isRecord(execution) && execution["taskSupport"] === "required") {
    return leftOut("it runs only as a task, which is not supported")
  }
  // A tool that says nothing of its arguments takes none.
  const schema = inputSchema ?? {}
  if (isDeeperJson(schema, mostLevels)) {
    return leftOut(`its \`inputSchema\` is nested more than ${mostLevels} levels deep`)
  }
  if (!isRecord(schema)) return leftOut(`its \`inputSchema\` is no schema of an object, but ${shown(schema)}`)
  if (hasOddHeader(schema)) return leftOut("its `x-mcp-header` is no name that a header can have")
  const parameters = toParameters(schema)
  if (parameters === undefined) return leftOut(`its arguments are no object, but ${shown(schema)}`)

  const warnings: Array<string> = []
  const ignored = (what: string, value: unknown) => {
    if (value !== undefined && value !== null) {
      warnings.push(`the tool '${name}': its ${what} was ignored: ${shown(value)}`)
    }
    return undefined
  }
  const hints = isRecord(annotations) ? annotations : ignored("annotations", annotations) ?? {}
  const hint = (key: string) => {
    const value = hints[key]
    return typeof value === "boolean" ? { [key]: value } : (ignored(key, value), {})
  }
  const title = typeof hints["title"] === "string" ? { title: hints["title"] } : (ignored("title", hints["title"]), {})
  const info: ToolInfo = {
    name,
    description: typeof description === "string" ? description : ignored("description", description),
    annotations: isRecord(annotations)
      ? {
        ...title,
        ...hint("readOnlyHint"),
        ...hint("destructiveHint"),
        ...hint("idempotentHint"),
        ...hint("openWorldHint")
      }
      : undefined
  }
  return Result.succeed({ tool: { name, info, inputSchema: schema, parameters }, warnings })
}

// Details

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 100)
