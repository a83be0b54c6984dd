/**
 * The tools of an MCP server as a toolbox calls them.
 */
import type { McpClient } from "effect/ai/McpClient"
import type { McpClientError } from "effect/ai/McpClientError"
import type { CallToolResult, ContentBlock, Tool as McpTool } from "effect/ai/McpSchema"
import * as Effect from "effect/Effect"
import type { Options } from "../Mcp.ts"
import * as ToolError from "../ToolError.ts"
import type { JsonRecord } from "./arguments.ts"
import type { Entry, Given } from "./entry.ts"
import { toToolError } from "./failure.ts"
import { toParameters } from "./jsonSchema.ts"
import { limiter } from "./policy.ts"
import { approvalOf } from "./tool.ts"

/** The tools that the server has now. */
export const entries = (
  client: McpClient,
  source: string,
  options: Options
): Effect.Effect<ReadonlyArray<Entry>, McpClientError> =>
  Effect.map(client.listTools(), (tools) => {
    const names = namesOf(tools, options.prefix ?? "")
    return tools.map((tool) => entry(client, tool, names.get(tool)!, source, options.policy))
  })

const entry = (
  client: McpClient,
  tool: McpTool,
  name: string,
  source: string,
  policy: Options["policy"]
): Entry => {
  const { annotations, description, inputSchema } = tool
  const rules = policy?.({ name: tool.name, description, annotations }) ?? {}
  const { needsApproval } = rules
  const limit = limiter(name, rules)
  return {
    spec: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: toParameters(inputSchema as JsonRecord)
    },
    source,
    // What its tools take is the server's to check: it says in its own words what is wrong.
    decode: Effect.succeed,
    needsApproval: needsApproval === undefined || needsApproval === false
      ? undefined
      : (params) => approvalOf(needsApproval as Parameters<typeof approvalOf>[0], params),
    run: (params) =>
      limit(client.callTool({ tool, arguments: params as Record<string, unknown> })).pipe(
        Effect.mapError((error) => toToolError(name, error)),
        Effect.flatMap((result) => given(name, result))
      )
  }
}

/**
 * Names that providers take: servers also have dots, slashes and spaces in theirs. Where two become one, that which is
 * unchanged keeps it, and the others are numbered, in whichever order the server lists them.
 */
const namesOf = (tools: ReadonlyArray<McpTool>, prefix: string): ReadonlyMap<McpTool, string> => {
  const wanted = tools.map((tool) => {
    const own = prefix + tool.name
    const name = own.replace(/[^\w-]/g, "_").slice(0, mostCharacters)
    return { tool, own, name, isChanged: name !== own }
  })
  const taken = new Map<string, McpTool>()
  for (
    const { name, tool } of wanted.toSorted((a, b) =>
      Number(a.isChanged) - Number(b.isChanged) || (a.own < b.own ? -1 : 1)
    )
  ) {
    let free = name
    for (let number = 2; taken.has(free); number++) {
      free = `${name.slice(0, mostCharacters - `_${number}`.length)}_${number}`
    }
    taken.set(free, tool)
  }
  return new Map([...taken].map(([name, tool]) => [tool, name]))
}

const mostCharacters = 64

const given = (tool: string, result: CallToolResult): Effect.Effect<Given, ToolError.ToolError> => {
  const text = result.content.map(textOf).join("\n")
  if (result.isError === true) {
    const description = text === "" ? "the server says that it failed, and not why" : text
    return Effect.fail(new ToolError.ToolError({ tool, reason: new ToolError.Failed({ description }) }))
  }
  return Effect.succeed(
    result.structuredContent === undefined
      ? { value: text }
      // Servers say what is structured as text too; one that does not is told as JSON.
      : { value: result.structuredContent, text: text === "" ? undefined : text }
  )
}

const textOf = (block: ContentBlock): string => {
  switch (block.type) {
    case "text":
      return block.text
    case "resource_link":
      return `${block.title ?? block.name}: ${block.uri}`
    case "resource":
      return "text" in block.resource ? block.resource.text : leftOut(block.resource.mimeType ?? block.resource.uri)
    case "image":
    case "audio":
      return leftOut(block.mimeType)
  }
}

const leftOut = (what: string): string => `[${what} was left out: it is no text]`
