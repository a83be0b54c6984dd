/**
 * An MCP server in words: which it is, and what went wrong with it. No secrets: what effect's errors have of a request
 * (its URL, its headers) stays here.
 */
import * as Predicate from "effect/Predicate"
import { withoutFrames } from "../../tool/internal/stackTrace.ts"
import { bounded } from "../../tool/internal/text.ts"
import * as ToolError from "../../tool/ToolError.ts"
import type { HttpOptions, StdioOptions } from "../Mcp.ts"
import * as McpError from "../McpError.ts"
import type { Broken, Failure } from "./failure.ts"
import { isRecord, type Problem } from "./message.ts"
import { hide, secretsIn, secretsInArguments } from "./secrets.ts"
import type { Heard } from "./stdio.ts"

type Whole = Exclude<Failure, { readonly _tag: "Gone" }>

/** What a server is called, and what to look at where it cannot be used. */
export interface Server {
  readonly name: string
  /** Why it cannot be used, and what to do. */
  readonly toError: (failure: Whole) => McpError.McpError
  /** Why it did not do what a tool was called for. */
  readonly toToolError: (tool: string, failure: Whole) => ToolError.ToolError
}

export const ofUrl = ({ headers = {}, url }: HttpOptions): Server => {
  const parsed = URL.parse(String(url))
  const secrets = [
    ...Object.entries(headers).flatMap(([name, value]) => secretsIn(value, name)),
    // Some servers have the key in their path.
    ...(parsed === null ? [String(url)] : [...secretsIn(parsed.href), parsed.username].filter((one) => one.length >= 4))
  ]
  const name = parsed === null
    ? "the MCP server of an invalid URL"
    : `the MCP server at ${parsed.protocol}//${parsed.host}${hide(parsed.pathname, secrets)}`
  return make(name, secrets, {
    unreachable: parsed?.username || parsed?.password
      ? "give the credentials in `headers`: a URL with some is not asked"
      : "check the URL, and that the server runs",
    look: `check that the URL is its MCP endpoint (Streamable HTTP)${
      parsed?.pathname.endsWith("/sse") === true
        ? ": one that ends in /sse often has the older transport, unlike /mcp"
        : ""
    }`
  })
}

export const ofProgram = ({ args = [], command, env = {} }: StdioOptions, heard: Heard): Server => {
  const program = programOf(command, args)
  const name = `the MCP server '${[command, program].filter((part) => part !== undefined).join(" ")}'`
  const secrets = [
    ...Object.entries(env).flatMap(([name, value]) => secretsIn(value, name)),
    ...secretsInArguments(args)
  ]
  return make(name, secrets, {
    unreachable: /^[\w@.-]+\s/.test(command) && args.length === 0
      ? "write what follows the program's name in `args`"
      : "check that the program is installed, and run the command yourself to see what it says",
    look: "check that the command starts an MCP server, and nothing else writes to its standard output"
  }, heard)
}

// Details

/** What to do next. */
interface Advice {
  readonly unreachable: string
  readonly look: string
}

/** Commands that run what their first argument names. Other arguments may be secrets, and are not said. */
const runners = /(^|[\\/])(npx|bunx|pnpx|uvx|pipx|node|bun|deno|python3?)(\.exe|\.cmd)?$/

const programOf = (command: string, args: ReadonlyArray<string>): string | undefined => {
  if (!runners.test(command)) return undefined
  const first = args.find((arg) => !/^(-y|--yes|--[\w-]+=.*|run|exec)$/.test(arg))
  return first === undefined || first.startsWith("-") || first.includes("://") ? undefined : first
}

const make = (name: string, secrets: ReadonlyArray<string>, advice: Advice, heard?: Heard): Server => {
  const clean = (text: string, most = 500) => bounded(hide(text, secrets), most)

  const errorOf = (failure: Broken, next: string | undefined): McpError.McpError => {
    const because = "cause" in failure ? codeOf(failure.cause) : undefined
    const stray = heard?.stray === undefined || (failure._tag !== "NotUnderstood" && failure._tag !== "TimedOut")
      ? undefined
      : `; the first line of its standard output that is no message: ${clean(heard.stray, 200)}`
    const stderr = heard === undefined ? "" : bounded(lastLines(hide(heard.stderr, secrets)), 2000)
    const description = `${clean(failure.said)}${because === undefined ? "" : ` (${because})`}${stray ?? ""}`
    return new McpError.McpError({
      server: name,
      reason: reasonOf(failure, next === undefined ? description : `${description}; ${next}`),
      ...(stderr === "" ? {} : { stderr })
    })
  }

  const toError: Server["toError"] = (failure) =>
    failure._tag === "Refused"
      ? errorOf({ _tag: "NotUnderstood", said: inWords(failure.problem) }, advice.look)
      : errorOf(failure, nextOf(failure, advice))

  return {
    name,
    toError,
    toToolError: (tool, failure) =>
      new ToolError.ToolError({
        tool,
        // The model cannot look after the server: advice is for those who connect it.
        reason: failure._tag === "Refused"
          ? new ToolError.Failed({ description: clean(inWords(failure.problem), 2000) })
          : failedOf(errorOf(failure, undefined))
      })
  }
}

const failedOf = (cause: McpError.McpError) => new ToolError.Failed({ description: cause.message, cause })

const nextOf = (failure: Broken, { look, unreachable }: Advice): string => {
  switch (failure._tag) {
    case "Unreachable":
      return unreachable
    case "Ended":
      return "run the command yourself to see what it says"
    case "HttpStatus":
      return failure.status === 401 || failure.status === 403
        ? "give it the credentials that it wants in `headers`"
        : failure.retryAfter !== undefined
        ? "wait so long, or ask it less often"
        : failure.status >= 500
        ? "look at what the server itself says of it, or try again"
        : look
    case "TimedOut":
      return `${look}, or give it more time with \`timeout\``
    case "NotUnderstood":
      return look
  }
}

const reasonOf = (failure: Broken, description: string): McpError.Reason => {
  switch (failure._tag) {
    case "Unreachable":
      return new McpError.Unreachable({ description })
    case "Ended": {
      const { exitCode } = failure
      return new McpError.Unreachable({ description, ...(exitCode === undefined ? {} : { exitCode }) })
    }
    case "HttpStatus": {
      const { retryAfter, status } = failure
      return new McpError.HttpStatus({ description, status, ...(retryAfter === undefined ? {} : { retryAfter }) })
    }
    case "TimedOut":
      return new McpError.TimedOut({ description })
    case "NotUnderstood":
      return new McpError.NotUnderstood({ description })
  }
}

/** The server's message; what it adds says what is wrong, where the message alone does not. Neither is said twice. */
const inWords = ({ data, message }: Problem): string => {
  const isSaid = (value: unknown) => value === null || (typeof value === "string" && message.includes(value))
  const more = isRecord(data) ? Object.fromEntries(Object.entries(data).filter(([, value]) => !isSaid(value))) : data
  const text = typeof more === "string"
    ? more
    : more === null || (isRecord(more) && Object.keys(more).length === 0)
    ? ""
    : JSON.stringify(more) ?? ""
  if (text === "" || message.includes(text) || message.includes(JSON.stringify(data))) return message
  return text.includes(message) ? text : `${message}: ${text}`
}

/** The last lines that say something: a program that fails often writes where it did after what happened. */
const lastLines = (text: string): string =>
  withoutFrames(text)
    .split(/\r?\n/)
    .filter((line) => !isSilent.test(line))
    .slice(-10)
    .map((line) => bounded(line, 500))
    .join("\n")
    .trim()

/** A line that is blank, underlines a place in another one, or has the version of Node. */
const isSilent = /^[\s^~]*$|^Node\.js v\d+(?:\.\d+)*\s*$/

/** A system's own word for what went wrong, `ECONNREFUSED` or `ENOENT` say, which none of effect's messages has. */
const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (!Predicate.isObject(error) || depth > 10) return undefined
  if ("code" in error && typeof error.code === "string" && /^[A-Z_]+$/.test(error.code)) return error.code
  return codeOf("reason" in error ? error.reason : "cause" in error ? error.cause : undefined, depth + 1)
}
