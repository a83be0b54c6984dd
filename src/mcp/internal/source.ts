/**
 * MCP servers as places that tools come from.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { Entry } from "../../tool/internal/entry.ts"
import type { Current } from "../../tool/ToolRegistry.ts"
import type { HttpOptions, Options, StdioOptions } from "../Mcp.ts"
import type { McpError } from "../McpError.ts"
import * as Connection from "./connection.ts"
import type { Broken } from "./failure.ts"
import * as Http from "./http.ts"
import * as Server from "./server.ts"
import * as Session from "./session.ts"
import * as Stdio from "./stdio.ts"
import * as Tools from "./tools.ts"
import type { Connect } from "./wire.ts"

type Source = Effect.Effect<Current, McpError, Scope.Scope>

export const http = (options: HttpOptions): Source => {
  const server = Server.ofUrl(options)
  const isDeaf = (why: Broken) =>
    Effect.logWarning(`changes of its tools are not heard of any more: ${server.toError(why).message}`)
  return source(server, Http.connector(options, isDeaf), options)
}

export const stdio = (options: StdioOptions): Source => {
  const heard: Stdio.Heard = { stderr: "", stray: undefined }
  return source(Server.ofProgram(options, heard), Stdio.connector(options, heard), options)
}

// Details

const source = (server: Server.Server, connector: Effect.Effect<Connect>, options: Options): Source =>
  Effect.gen(function*() {
    const timeout = Duration.fromInputUnsafe(options.timeout ?? "1 minute")
    let isStale = false
    // A program that was started again, and a server that forgot the session, may have other tools now.
    const onToolsChanged = () => {
      isStale = true
    }
    // What the context has now is used for later sessions too.
    const open = Effect.tap(
      Session.open(yield* connector, { timeout, onToolsChanged }),
      () => Effect.sync(onToolsChanged)
    )
    const connection = yield* Effect.mapError(Connection.make(open), server.toError)
    const list = Tools.lister(connection, server, timeout, options)

    let tools: ReadonlyArray<Entry> = []
    /** Lists them again where they may be others now; what changes meanwhile is listed the next time. */
    const update = Effect.onError(
      Effect.suspend(() => {
        isStale = false
        return Effect.map(list, (listed) => tools = listed)
      }),
      () => Effect.sync(onToolsChanged)
    )
    yield* Effect.mapError(update, server.toError)
    const updateOrWarn = Effect.catch(
      update,
      (failure) =>
        Effect.logWarning(
          `its tools could not be listed again, and stay as they were: ${server.toError(failure).message}`
        )
    )
    const turn = Semaphore.makeUnsafe(1)
    return turn.withPermit(
      Effect.suspend(() => isStale ? Effect.andThen(updateOrWarn, Effect.sync(() => tools)) : Effect.succeed(tools))
    )
  })
