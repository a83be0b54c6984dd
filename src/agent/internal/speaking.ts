/**
 * Which protocol a run speaks: the one that the agent's options and its language model ask for. Where a server refuses tools,
 * it is the text protocol from then on.
 */
import * as Effect from "effect/Effect"
import type * as LM from "../../lm/LM.ts"
import * as Refusals from "../../module/internal/toolCalls/refusals.ts"
import type { PredictError } from "../../module/Predict.ts"
import type * as Toolbox from "../../tool/Toolbox.ts"
import * as Between from "./between.ts"
import type { Conversation } from "./conversation.ts"
import type * as Earlier from "./earlier.ts"
import type * as NativeProtocol from "./nativeProtocol.ts"
import type { Move, Protocol } from "./protocol.ts"
import * as TextProtocol from "./textProtocol.ts"

/** What a run speaks with. */
export interface Options {
  readonly parts: NativeProtocol.Parts & { readonly toolCalls: "auto" | "native" | "text" }
  readonly native: ReturnType<typeof NativeProtocol.of> | undefined
  /** The only protocol of an agent that has one of its own. */
  readonly own: Protocol | undefined
  readonly known: Earlier.Known
  readonly toolbox: Toolbox.Toolbox
  readonly lm: LM.Service
}

/** What the model wants to do next, and the protocol in which it said so. */
export interface Asked {
  readonly move: Move
  readonly protocol: Protocol
}

/** How the iterations of a run are asked. */
export interface Speaking {
  /**
   * Asks for the next move. A server that refuses tools in the first iteration is asked again in text, where the agent leaves the
   * choice to us.
   */
  readonly ask: (plan: Between.Plan, conversation: Conversation) => Effect.Effect<Asked, PredictError, LM.LM>
  /** The request that goes out after the turns so far, in the protocol of most iterations. */
  readonly prepare: Protocol["prepare"]
}

/** How a run is asked, before its first iteration. */
export const make = Effect.fnUntraced(function*(
  { known, lm, native, own, parts, toolbox }: Options
): Effect.fn.Return<Speaking> {
  const { toolCalls } = parts
  const inText: Speak = (plan) => Effect.sync(() => TextProtocol.make(parts, known, plan))
  const isNative = toolCalls === "native" || (toolCalls === "auto" && Refusals.takesTools(lm))
  let speak: Speak = own !== undefined
    ? () => Effect.succeed(own)
    : native !== undefined && isNative
    ? (plan) => native(known, plan)
    : inText
  let usual = yield* speak({ toolbox })
  let isFirst = true

  const asked = Effect.fnUntraced(function*(plan: Between.Plan, conversation: Conversation) {
    const protocol = Between.isUsual(plan) ? usual : yield* speak(plan)
    const move = yield* conversation.fitting((turns) => protocol.ask(turns, plan.config))
    return { move, protocol }
  })

  return {
    prepare: (turns) => usual.prepare(turns),
    ask: (plan, conversation) =>
      Effect.suspend(() => {
        const asking = asked(plan, conversation)
        if (toolCalls !== "auto" || !isFirst) return asking
        isFirst = false
        return Effect.catchIf(
          asking,
          Refusals.ofTools,
          Effect.fnUntraced(function*(error) {
            speak = inText
            usual = yield* speak({ toolbox })
            yield* Refusals.note(error)
            return yield* asked(plan, conversation)
          })
        )
      })
  }
})

// Details

/** Makes the protocol of an iteration. */
type Speak = (plan: Between.Plan) => Effect.Effect<Protocol>
