/**
 * The tools of an MCP server as a toolbox calls them.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { JsonRecord } from "../../text/json/values.ts"
import type { Entry } from "../../tool/internal/entry.ts"
import { approvalOf, limiter, policyOf } from "../../tool/internal/policy.ts"
import type { Options, ToolInfo } from "../Mcp.ts"
import type { Connection } from "./connection.ts"
import { type Broken, inTime } from "./failure.ts"
import { isRecord } from "./message.ts"
import { parameterHeaders } from "./parameterHeaders.ts"
import { given } from "./result.ts"
import type { Server } from "./server.ts"
import type { Session } from "./session.ts"
import { type Listed, readTool } from "./tool.ts"

/**
 * Lists the tools that the server has now. A tool with something wrong is told of once, by its name, and the others are listed all the
 * same. A tool that has not changed since the last list stays the same entry.
 */
export const lister = (connection: Connection, server: Server, timeout: Duration.Duration, options: Options) => {
  const said = new Set<string>()
  const known = new Map<string, { readonly tool: string; readonly entry: Entry }>()

  const warn = (warnings: ReadonlyArray<string>) => {
    const unsaid = [...new Set(warnings)].filter((warning) => !said.has(warning))
    unsaid.forEach((warning) => said.add(warning))
    return Effect.forEach(unsaid, (warning) => Effect.logWarning(`${server.name}: ${warning}`), { discard: true })
  }

  return Effect.gen(function*() {
    const { listed, warnings } = yield* connection.use(
      (session) => inTime(pages(session), timeout, "list of tools"),
      { mayRepeat: true }
    )
    const chosen = choose(listed, options.tools)
    yield* warn([...warnings, ...chosen.warnings])
    const names = namesOf(chosen.tools, options.prefix ?? "")
    return chosen.tools.map((tool) => {
      const name = names.get(tool)!
      const text = JSON.stringify(tool)
      const before = known.get(name)
      const entry = before?.tool === text ? before.entry : toEntry(connection, server, tool, name, options.policy)
      known.set(name, { tool: text, entry })
      return entry
    })
  })
}

// Details

interface Page {
  readonly listed: ReadonlyArray<unknown>
  readonly warnings: ReadonlyArray<string>
}

/** All pages of the list. Reading stops where the pages go in a circle, or have no end. */
const pages = (session: Session) =>
  Effect.gen(function*() {
    const listed: Array<unknown> = []
    const cursors = new Set<string>()
    const page = (warning?: string): Page => ({ listed, warnings: warning === undefined ? [] : [warning] })
    for (let cursor: string | undefined; listed.length < mostTools && cursors.size < mostTools;) {
      const result = yield* session.request("tools/list", cursor === undefined ? {} : { cursor }).pipe(
        // A server that has no tools need not know what they are.
        Effect.catchIf(
          (failure) => failure._tag === "Refused" && failure.problem.code === methodNotFound && cursor === undefined,
          () => Effect.succeed({ tools: [] })
        )
      )
      if (!isRecord(result) || !Array.isArray(result["tools"])) {
        if (cursor !== undefined) return page("a page of its list of tools has no `tools`: the list ends before it")
        return yield* Effect.fail<Broken>({ _tag: "NotUnderstood", said: "its answer to tools/list has no `tools`" })
      }
      listed.push(...result["tools"])
      const next = result["nextCursor"]
      if (typeof next !== "string" || next === "") return page()
      if (cursors.has(next)) return page("its list of tools goes in a circle: it gave the same cursor twice")
      cursors.add(cursor = next)
    }
    return page(`its list of tools has no end: ${listed.length} of them are taken`)
  })

const mostTools = 10_000
const methodNotFound = -32_601

/** The tools that can be called, of those that are wanted. */
const choose = (listed: ReadonlyArray<unknown>, wanted: ReadonlyArray<string> | undefined) => {
  const warnings: Array<string> = []
  const tools = new Map<string, Listed>()
  const there: Array<string> = []
  listed.forEach((raw, index) => {
    const name = isRecord(raw) ? raw["name"] : undefined
    if (typeof name === "string") there.push(name)
    if (wanted !== undefined && !(typeof name === "string" && wanted.includes(name))) return
    const read = readTool(raw, index)
    if (Result.isFailure(read)) {
      warnings.push(read.failure)
      return
    }
    const { tool, warnings: odd } = read.success
    warnings.push(...odd)
    if (tools.has(tool.name)) warnings.push(`it has the tool '${tool.name}' twice: the first is used`)
    else tools.set(tool.name, tool)
  })
  for (const name of wanted ?? []) {
    if (!there.includes(name)) {
      warnings.push(
        `it has no tool '${name}', which \`tools\` names; it has: ${there.slice(0, 50).join(", ") || "none"}`
      )
    }
  }
  return { tools: [...tools.values()], warnings }
}

const toEntry = (
  connection: Connection,
  server: Server,
  { info, inputSchema, name: ownName, parameters }: Listed,
  name: string,
  policy: ((tool: ToolInfo) => ReturnType<NonNullable<Options["policy"]>>) | undefined
): Entry => {
  const rules = policyOf(name, policy?.(info))
  const limit = limiter(name, rules)
  const mayRepeat = info.annotations?.readOnlyHint === true || info.annotations?.idempotentHint === true
  return {
    spec: {
      name,
      ...(info.description === undefined ? {} : { description: info.description }),
      parameters
    },
    source: server.name,
    // What its tools take is the server's to check: it says in its own words what is wrong.
    decode: Effect.succeed,
    needsApproval: approvalOf(rules.needsApproval),
    run: (params, { report }) => {
      const args = params as JsonRecord
      const call = connection.use((session) =>
        session.request("tools/call", { name: ownName, arguments: args }, {
          headers: session.isNewest ? parameterHeaders(inputSchema, args) : undefined,
          onProgress: report.progress
        }), { mayRepeat })
      return Effect.flatMap(
        limit(Effect.mapError(call, (failure) => server.toToolError(name, failure))),
        (result) => given(name, result)
      )
    }
  }
}

/**
 * Names that providers take: servers also have dots, slashes and spaces in theirs. Where two become one, that which is
 * unchanged keeps it, and the others are numbered, in whichever order the server lists them.
 */
const namesOf = (tools: ReadonlyArray<Listed>, prefix: string): ReadonlyMap<Listed, string> => {
  const wanted = tools.map((tool) => {
    const own = prefix + tool.name
    const name = own.replace(/[^\w-]/g, "_").slice(0, mostCharacters)
    return { tool, own, name, isChanged: name !== own }
  })
  const taken = new Map<string, Listed>()
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
