/**
 * A session with a server: which answer belongs to which request, and the handshake that it begins with.
 *
 * The handshake that nearly all servers speak comes first, in whichever of its versions the server has: there are servers
 * that end when they are asked for anything else. What tools need is the same in all of them. The newest protocol, which has
 * none, comes after that.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { type Broken, type Failure, inTime, isMisunderstanding } from "./failure.ts"
import { isRecord, type Json, notification, type Received, reply, type Request } from "./message.ts"
import { type Connect, handshakeVersion, newestVersion } from "./wire.ts"

export interface Session {
  readonly request: (method: string, params: Json, options?: RequestOptions) => Effect.Effect<unknown, Failure>
  /** Whether it speaks the newest protocol, where some arguments are headers too. */
  readonly isNewest: boolean
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly onProgress?: ((value: Json) => Effect.Effect<void>) | undefined
}

export interface Options {
  /** The longest that the handshake may take. */
  readonly timeout: Duration.Duration
  readonly onToolsChanged: () => void
}

/** What a request hears of. */
type Heard =
  | { readonly _tag: "Progress"; readonly value: Json }
  | Exclude<Received, { readonly _tag: "Asked" | "Notified" }>
  | { readonly _tag: "Failure"; readonly failure: Failure }

export const open = (
  connect: Connect,
  { onToolsChanged, timeout }: Options
): Effect.Effect<Session, Failure, Scope.Scope> =>
  Effect.gen(function*() {
    const pending = new Map<string, Queue.Queue<Heard>>()
    let lastId = 0
    let isNewest = false

    // Messages that nobody waits for are sent in the background.
    const asides = yield* FiberSet.make<void>()
    const inBackground = yield* FiberSet.runtime(asides)<never>()
    const aside = (effect: Effect.Effect<void, Failure>) => void inBackground(Effect.ignore(effect))

    const receive = (message: Received, request?: Request): void => {
      switch (message._tag) {
        case "Asked":
          return aside(wire.tell(reply(message)))
        case "Notified":
          if (message.method === "notifications/tools/list_changed") onToolsChanged()
          if (message.method === "notifications/progress") progress(message.params)
          return
        case "Answer":
        case "Refusal": {
          // An answer may have no id that waits. Then it is for the request in whose response it came; if that is not known and the
          // answer has no id at all, for the only request that waits.
          const alone = message.id === undefined && pending.size === 1 ? [...pending.keys()][0] : undefined
          const queue = pending.get(String(message.id)) ?? pending.get(String(request?.id ?? alone))
          if (queue !== undefined) Queue.offerUnsafe(queue, message)
        }
      }
    }

    const progress = ({ message, progress, progressToken, total }: Json): void => {
      const queue = pending.get(String(progressToken))
      if (queue === undefined || typeof progress !== "number") return
      const value = {
        progress,
        ...(typeof total === "number" ? { total } : {}),
        ...(typeof message === "string" ? { message } : {})
      }
      Queue.offerUnsafe(queue, { _tag: "Progress", value })
    }

    const wire = yield* connect(receive)
    // When the session ends, the last of them have a moment to arrive.
    yield* Effect.addFinalizer(() => Effect.ignore(Effect.timeoutOption(FiberSet.awaitEmpty(asides), aMoment)))

    const request: Session["request"] = (method, params, { headers = {}, onProgress } = {}) =>
      Effect.suspend(() => {
        const id = ++lastId
        const meta = {
          ...(isNewest ? identity : {}),
          ...(onProgress === undefined ? {} : { progressToken: id })
        }
        const asked: Request = {
          jsonrpc: "2.0",
          id,
          method,
          params: Object.keys(meta).length === 0 ? params : { ...params, _meta: meta }
        }
        return Effect.gen(function*() {
          // A slow reader loses the oldest progress, and never the answer, which comes last.
          const queue = yield* Queue.sliding<Heard>(1000)
          pending.set(String(id), queue)
          const exchange = Effect.catch(wire.exchange(asked, headers), (failure) => {
            Queue.offerUnsafe(queue, { _tag: "Failure", failure })
            return Effect.never
          })
          return yield* Effect.raceFirst(answer(queue, onProgress), exchange)
        }).pipe(
          Effect.onInterrupt(() => Effect.sync(() => method === "initialize" || aside(wire.cancel(asked)))),
          Effect.ensuring(Effect.sync(() => pending.delete(String(id))))
        )
      })

    const initialize = Effect.gen(function*() {
      const result = yield* request("initialize", {
        protocolVersion: handshakeVersion,
        capabilities: {},
        clientInfo
      })
      if (!isRecord(result)) return yield* Effect.fail(odd("initialize"))
      const { capabilities, protocolVersion } = result
      wire.speak(typeof protocolVersion === "string" ? protocolVersion : handshakeVersion)
      // A server that does not want to hear it says later what it does not take.
      yield* Effect.ignore(wire.tell(notification("notifications/initialized")))
      if (saysChanges(capabilities)) yield* wire.listen
    })

    const discover = Effect.gen(function*() {
      isNewest = true
      wire.speak(newestVersion)
      const result = yield* request("server/discover", {})
      if (!isRecord(result)) return yield* Effect.fail(odd("server/discover"))
      if (saysChanges(result["capabilities"])) {
        const listening = request("subscriptions/listen", { notifications: { toolsListChanged: true } })
        yield* Effect.forkScoped(Effect.ignore(listening))
      }
    })

    const handshake = Effect.catchIf(
      initialize,
      isMisunderstanding,
      // A server that has answered is there: one that knows nothing of the newest protocol may not answer at all.
      (failure) => Effect.mapError(inTime(discover, Duration.min(timeout, longestDiscovery), "answer"), () => failure)
    )
    yield* inTime(handshake, timeout, "handshake")
    return { request, isNewest }
  })

// Details

const aMoment = Duration.seconds(1)
const longestDiscovery = Duration.seconds(10)

const clientInfo = { name: "effect-lm", version: "1" }

/** What every request of the newest protocol says, instead of a handshake. */
const identity = {
  "io.modelcontextprotocol/protocolVersion": newestVersion,
  "io.modelcontextprotocol/clientInfo": clientInfo,
  "io.modelcontextprotocol/clientCapabilities": {}
}

const saysChanges = (capabilities: unknown): boolean =>
  isRecord(capabilities) && isRecord(capabilities["tools"]) && capabilities["tools"]["listChanged"] === true

const odd = (method: string): Broken => ({ _tag: "NotUnderstood", said: `its answer to ${method} is no object` })

/** Waits for the answer, and tells of progress on the way. */
const answer = (
  queue: Queue.Dequeue<Heard>,
  onProgress: RequestOptions["onProgress"]
): Effect.Effect<unknown, Failure> =>
  Effect.flatMap(Queue.take(queue), (heard): Effect.Effect<unknown, Failure> => {
    switch (heard._tag) {
      case "Progress":
        return Effect.andThen(onProgress?.(heard.value) ?? Effect.void, Effect.suspend(() => answer(queue, onProgress)))
      case "Answer":
        return Effect.succeed(heard.result)
      case "Refusal":
        return Effect.fail({ _tag: "Refused", problem: heard })
      case "Failure":
        return Effect.fail(heard.failure)
    }
  })
