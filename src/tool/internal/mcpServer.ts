/**
 * An MCP server in words: which it is, and what went wrong with it. No secrets: what effect's errors have of a request
 * (its URL, its headers) stays here.
 */
import type { McpClientError } from "effect/ai/McpClientError"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type { HttpOptions, StdioOptions } from "../Mcp.ts"
import * as McpError from "../McpError.ts"
import { bounded } from "./text.ts"

/** What a server is called, and what to look at where it cannot be used. */
export interface Server {
  readonly name: string
  readonly toError: (error: McpClientError) => McpError.McpError
}

export const ofUrl = ({ headers = {}, url }: HttpOptions): Server => {
  const parsed = URL.parse(String(url))
  const name = parsed === null
    ? "the MCP server of an invalid URL"
    : `the MCP server at ${parsed.protocol}//${parsed.host}${parsed.pathname}`
  const secrets = [
    // With their scheme, as in `Bearer ...`, and without.
    ...Object.values(headers).map(plain).flatMap((value) => [value, value.replace(/^\w+ +/, "")]),
    ...(parsed === null ? [String(url)] : [parsed.username, parsed.password, ...parsed.searchParams.values()])
  ]
  return {
    name,
    toError: toError(name, secrets, {
      unreachable: parsed?.username || parsed?.password
        ? "give the credentials in `headers`: a URL with some is not asked"
        : "check the URL, and that the server runs",
      look: "check that the URL is its MCP endpoint (Streamable HTTP)"
    })
  }
}

export const ofProgram = ({ args = [], command, env = {} }: StdioOptions): Server => {
  const name = `the MCP server '${[command, programOf(command, args)].filter((part) => part !== undefined).join(" ")}'`
  return {
    name,
    toError: toError(name, [...Object.values(env).map(plain), ...args], {
      unreachable: "check that the program is installed, and run the command yourself to see what it says",
      look: "check that the command starts an MCP server, and nothing else writes to its standard output"
    })
  }
}

export const plain = (value: string | Redacted.Redacted<string>): string =>
  Redacted.isRedacted(value) ? Redacted.value(value) : value

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

const toError =
  (server: string, secrets: ReadonlyArray<string>, advice: Advice) => (error: McpClientError): McpError.McpError => {
    const said = withoutSecrets(error.reason.message, secrets)
    const because = codeOf(error)
    const describe = (next: string) => ({
      description: `${said}${because === undefined ? "" : ` (${because})`}; ${next}`
    })
    return new McpError.McpError({ server, reason: reasonOf(error, describe, advice) })
  }

const reasonOf = (
  { reason }: McpClientError,
  describe: (next: string) => { readonly description: string },
  { look, unreachable }: Advice
): McpError.Reason => {
  switch (reason._tag) {
    case "TransportError":
    case "ClosedError":
      return new McpError.Unreachable(describe(unreachable))
    case "HttpError": {
      const isDenied = reason.status === 401 || reason.status === 403
      const next = isDenied ? "give it the credentials that it wants in `headers`" : look
      return new McpError.HttpStatus({ ...describe(next), status: reason.status })
    }
    case "TimeoutError":
      return new McpError.TimedOut(describe(`${look}, or give it more time with \`timeout\``))
    default:
      return new McpError.NotUnderstood(describe(look))
  }
}

/** A system's own word for what went wrong, `ECONNREFUSED` or `ENOENT` say, which none of effect's messages has. */
const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (!Predicate.isObject(error) || depth > 10) return undefined
  if ("code" in error && typeof error.code === "string" && /^[A-Z_]+$/.test(error.code)) return error.code
  return codeOf("reason" in error ? error.reason : "cause" in error ? error.cause : undefined, depth + 1)
}

/** A server may repeat what it was given. */
const withoutSecrets = (text: string, secrets: ReadonlyArray<string>): string =>
  bounded(secrets.reduce((text, secret) => secret.length < 4 ? text : text.replaceAll(secret, "<secret>"), text), 500)
