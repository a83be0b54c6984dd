/**
 * Tools of MCP servers, for the {@link ToolRegistry}: over HTTP, or of a program that is started for it.
 *
 * @example
 * ToolRegistry.addMcp(Mcp.http({ url: "https://example.com/mcp", prefix: "docs_" }))
 * ToolRegistry.addMcp(Mcp.stdio({
 *   command: "npx",
 *   args: ["-y", "@modelcontextprotocol/server-filesystem", "."],
 *   policy: ({ annotations }) => ({ timeout: "30 seconds", needsApproval: annotations?.readOnlyHint !== true })
 * }))
 */
import type { ToolAnnotations } from "effect/ai/McpSchema"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { headerProblem } from "../provider/internal/sendable.ts"
import * as Kinds from "../text/kinds.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import type { Policy } from "../tool/Tool.ts"
import type { Source } from "../tool/ToolRegistry.ts"
import type { McpError } from "./McpError.ts"

// Models

/** How a server's tools become tools here. */
export interface Options {
  /**
   * Comes before the names of the server's tools, so that they differ from those of others; nothing if left out. What
   * providers do not take in a name becomes `_`, and where that makes two names one, they are numbered: `a_b`, `a_b_2`.
   */
  readonly prefix?: string | undefined
  /**
   * The tools to take, by the server's own names; all of them if left out. A name that the server does not have is told in a
   * warning of the log.
   */
  readonly tools?: ReadonlyArray<string> | undefined
  /** Limits and approval of each tool; none if left out. A call that the server never answers has no other end. */
  readonly policy?: ((tool: ToolInfo) => Policy<Readonly<Record<string, unknown>>>) | undefined
  /** The longest that connecting, and listing the tools, may take; a minute each if left out. `Infinity` is no limit. */
  readonly timeout?: Duration.Input | undefined
}

/** What a server says of a tool of its own. Hints, which an untrusted server may give wrongly. */
export interface ToolInfo {
  readonly name: string
  readonly description?: string | undefined
  readonly annotations?: typeof ToolAnnotations.Type | undefined
}

/** A server at a URL (Streamable HTTP). */
export interface HttpOptions extends Options {
  readonly url: string | URL
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>> | undefined
}

/** A server that is a program, spoken to over its standard input and output. */
export interface StdioOptions extends Options {
  readonly command: string
  readonly args?: ReadonlyArray<string> | undefined
  /**
   * The program's environment, beside the variables of ours that programs cannot do without, as `PATH` and `HOME`, and those
   * that say how to reach the network: proxies and certificates.
   */
  readonly env?: Readonly<Record<string, string | Redacted.Redacted<string>>> | undefined
  /** Where it runs; where this process does if left out. */
  readonly cwd?: string | undefined
}

// Constructors

/**
 * The tools of a server at a URL. Uses the `HttpClient` of the context, or `fetch` where there is none. The session ends
 * with the scope; where the server forgets it, a new one is begun, and an answer that broke off is resumed where the server
 * can. Fails of an error that names the server, without credentials and query. Throws a `TypeError` for an
 * option that is none, and for a header that cannot be sent.
 */
export const http = (options: HttpOptions): Source<McpError, Scope.Scope> => {
  onlyKnown("Mcp.http", options, { ...optionNames, url: Kinds.needed(url), headers: values })
  for (const [name, value] of Object.entries(options.headers ?? {})) header(name, value)
  return { tools: Effect.flatMap(lazy, ({ http }) => http(options)) }
}

/**
 * The tools of a program, which is started with the scope, again at the next call where it has ended, and ended with the
 * scope: its input ends, SIGTERM follows after a second and SIGKILL after two. Runs on Node, or with the
 * `ChildProcessSpawner` of the context. Fails of an error that names the command. Throws a `TypeError` for an option that is
 * none.
 */
export const stdio = (options: StdioOptions): Source<McpError, Scope.Scope> => {
  onlyKnown("Mcp.stdio", options, {
    ...optionNames,
    command: Kinds.needed(command),
    args: Kinds.texts,
    env: values,
    cwd: Kinds.text
  })
  return { tools: Effect.flatMap(lazy, ({ stdio }) => stdio(options)) }
}

// Details

const optionNames: Names<Options> = {
  prefix: Kinds.text,
  tools: Kinds.texts,
  policy: Kinds.fn("a function of a tool, as ({ name }) => ({ timeout: \"30 seconds\" })"),
  timeout: Kinds.time
}

/** Texts by name, some of which are secrets. */
const values = Kinds.recordOf(
  "an object of strings",
  Kinds.make("a string, or Redacted.make of one", (value) => typeof value === "string" || Redacted.isRedacted(value))
)

const url: Kinds.Kind = (what, value) => {
  Kinds.make(
    "a URL, as \"https://example.com/mcp\" is one",
    (value) => typeof value === "string" || value instanceof URL
  )(what, value)
  const text = String(value)
  // In a web page it may be relative to the page.
  const parsed = URL.parse(text, globalThis.location?.href)
  const host = /^(?:\/\/)?([\w-]+(?::\d+|\.[\w.-]+(?::\d+)?))(?:[/?#]|$)/.exec(text)?.[1]
  if (parsed === null ? host === undefined : /^https?:$/.test(parsed.protocol)) return
  throw new TypeError(
    `${what} has to begin with http:// or https://${
      host === undefined ? ", as \"https://example.com/mcp\" does" : `: write http://${host}... or https://${host}...`
    }`
  )
}

/** Throws a `TypeError` for a header that HTTP cannot send. Its value is not shown. */
const header = (name: string, value: string | Redacted.Redacted<string>): void => {
  const what = `the header ${JSON.stringify(name)} of Mcp.http`
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    throw new TypeError(`${what} has no name that a header can have: letters, digits and '-', as "x-api-key" has`)
  }
  const problem = headerProblem(what, Redacted.isRedacted(value) ? Redacted.value(value) : value, name)
  if (problem !== undefined) throw new TypeError(problem)
}

const command = Kinds.make("the name of a program, as \"npx\"", (value) => typeof value === "string" && value !== "")

/** What connections need is loaded when one is made, not before. */
const lazy = Effect.promise(() => import("./internal/source.ts"))
