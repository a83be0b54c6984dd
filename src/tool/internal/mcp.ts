/**
 * Connections to MCP servers.
 *
 * The handshake that nearly all servers speak comes first, in whichever of its versions the server has: there are servers
 * that end when they are asked for anything else. Those of the newest protocol alone come after that.
 */
import * as McpClient from "effect/ai/McpClient"
import type { McpClientError } from "effect/ai/McpClientError"
import * as McpProtocol from "effect/ai/McpProtocol"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as ChildProcess from "effect/process/ChildProcess"
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { HttpOptions, Options, StdioOptions } from "../Mcp.ts"
import type { McpError } from "../McpError.ts"
import type { Entry } from "./entry.ts"
import { ofProgram, ofUrl, plain } from "./mcpServer.ts"
import { entries } from "./mcpTools.ts"

type Tools = Effect.Effect<ReadonlyArray<Entry>, McpError, Scope.Scope>
type Transport = McpClient.Transport

const handshake = McpProtocol.v2025_11_25
const newest = McpProtocol.v2026_07_28

export const http = (options: HttpOptions): Tools => {
  const server = ofUrl(options)
  return Effect.gen(function*() {
    let agreed: string = handshake.protocolVersion
    const { url } = options
    const headers = new Map(Object.entries(options.headers ?? {}).map(([name, value]) => [name, plain(value)]))
    const client = yield* httpClient
    const inAgreed = HttpClient.mapRequest(
      client,
      (request) => HttpClientRequest.setHeader(request, "mcp-protocol-version", agreed)
    )
    const open = (protocol: Transport["protocol"], client: HttpClient.HttpClient) =>
      Effect.provideService(
        McpClient.http({ url, headers: Object.fromEntries(headers), protocol }),
        HttpClient.HttpClient,
        client
      )
    const connected = yield* connect(
      Effect.map(open(handshake, inAgreed), (transport) => ofAnyVersion(transport, (version) => agreed = version)),
      open(newest, client),
      options
    )
    return yield* entries(connected, server.name, options)
  }).pipe(Effect.mapError(server.toError))
}

export const stdio = (options: StdioOptions): Tools => {
  const server = ofProgram(options)
  return Effect.gen(function*() {
    const { args = [], command, cwd } = options
    const transport = yield* Effect.provideService(
      McpClient.stdio({
        command: ChildProcess.make(command, args, { cwd, env: environment(options.env) }),
        protocol: handshake
      }),
      ChildProcessSpawner,
      yield* spawner
    )
    // The program is the same for both protocols: what differs is what it is asked.
    const connected = yield* connect(
      Effect.succeed(ofAnyVersion(transport, () => {})),
      Effect.succeed({ ...transport, protocol: newest }),
      options
    )
    return yield* entries(connected, server.name, options)
  }).pipe(Effect.mapError(server.toError))
}

/** A client for the first of the transports that the server understands; the error of the first, if it is neither. */
const connect = <R>(
  first: Effect.Effect<Transport, McpClientError, R>,
  second: Effect.Effect<Transport, McpClientError, R>,
  { timeout }: Options
) => {
  const over = (transport: Effect.Effect<Transport, McpClientError, R>) =>
    Effect.provideServiceEffect(
      McpClient.make({ name: "effect-lm", version: "1", timeout }),
      McpClient.Transport,
      transport
    )
  return Effect.catchIf(over(first), isMisunderstanding, (error) => Effect.mapError(over(second), () => error))
}

const isMisunderstanding = ({ reason }: McpClientError): boolean =>
  reason._tag === "ProtocolError" || reason._tag === "UnsupportedError" || reason._tag === "ValidationError" ||
  (reason._tag === "HttpError" && reason.status >= 400 && reason.status < 500 && reason.status !== 401 &&
    reason.status !== 403)

/**
 * Effect's client takes only the version that it asked for. Servers answer with the newest that they know; what tools need
 * is the same in all of them.
 */
const ofAnyVersion = (transport: Transport, onVersion: (version: string) => void): Transport => ({
  ...transport,
  request: (message, tool) =>
    message.method !== "initialize"
      ? transport.request(message, tool)
      : Effect.map(transport.request(message, tool), (response) => {
        if (response.error !== undefined || !Predicate.hasProperty(response.result, "protocolVersion")) return response
        const { protocolVersion } = response.result
        if (typeof protocolVersion !== "string" || !olderVersions.has(protocolVersion)) return response
        onVersion(protocolVersion)
        return { ...response, result: { ...response.result, protocolVersion: handshake.protocolVersion } }
      })
})

const olderVersions: ReadonlySet<string> = new Set(["2025-06-18", "2025-03-26", "2024-11-05"])

// Details

const httpClient = Effect.flatMap(Effect.serviceOption(HttpClient.HttpClient), (client) =>
  Option.isSome(client)
    ? Effect.succeed(client.value)
    : Effect.flatMap(
      Effect.promise(() => import("effect/http/FetchHttpClient")),
      ({ layer }) => Effect.provide(HttpClient.HttpClient, layer)
    ))

const spawner = Effect.flatMap(Effect.serviceOption(ChildProcessSpawner), (spawner) =>
  Option.isSome(spawner)
    ? Effect.succeed(spawner.value)
    : Effect.flatMap(
      Effect.promise(() =>
        Promise.all([
          import("@effect/platform-node/NodeChildProcessSpawner"),
          import("@effect/platform-node/NodeFileSystem"),
          import("@effect/platform-node/NodePath")
        ])
      ),
      ([spawner, files, path]) =>
        ChildProcessSpawner.pipe(Effect.provide(spawner.layer), Effect.provide([files.layer, path.layer]))
    ))

/** What the reference implementation hands on as well: programs of others have no business with our keys. */
const environment = (own: StdioOptions["env"] = {}): Record<string, string | Redacted.Redacted<string>> => {
  const names = process.platform === "win32"
    ? ["APPDATA", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATH", "PATHEXT", "PROCESSOR_ARCHITECTURE", "PROGRAMFILES"]
      .concat("SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "USERNAME", "USERPROFILE")
    : ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER"]
  const inherited = names.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(inherited), ...own }
}
