/**
 * Results of tools that may be given again.
 */
import { digest } from "#node/policy/internal/cache/digest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Keeper } from "../../policy/internal/cache/keeper.ts"
import * as Kinds from "../../text/kinds.ts"
import { onlyKnown } from "../../text/options.ts"
import type * as Tool from "../Tool.ts"
import type { Rule } from "./cacheRule.ts"

// Models

/** A call, and the Schema that its result is written down by. */
export interface Asked<A> {
  readonly tool: string
  readonly rule: Rule
  readonly params: unknown
  /** What the caller wants of the result: a program its value, an agent its JSON. */
  readonly form: "value" | "given"
  readonly success: Schema.Codec<A, unknown>
  /** Is told that the result was given before. */
  readonly onGivenAgain: () => void
}

/** The results of the context, if any are kept. */
export const CurrentResults = Context.Reference<Results | undefined>("effect-lm/tool/CurrentResults", {
  defaultValue: () => undefined
})

// Constructors

/** The rule that `cache` in the options of a tool stands for. */
export const ruleOf = (
  tool: string,
  cache: boolean | Tool.CacheOptions | undefined,
  encode: Rule["encode"]
): Rule | undefined => {
  if (cache === undefined || cache === false) return undefined
  const what = `\`cache\` of the tool '${tool}'`
  const { timeToLive = "30 days", version = "" } = cache === true ? {} : onlyKnown(what, cache, {
    timeToLive: Kinds.time,
    version: Kinds.text
  })
  return { timeToLive: Duration.fromInputUnsafe(timeToLive), version, encode }
}

/** What is kept, and the calls that are under way. */
export class Results {
  private readonly keeper: Keeper
  private readonly calling = new Map<string, Calling>()

  constructor(keeper: Keeper) {
    this.keeper = keeper
  }

  /** The result that is kept, or that of an equal call that is under way, or else of `run`. */
  find<A, E, R>(asked: Asked<A>, run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    const { form, onGivenAgain, params, rule: { encode, timeToLive, version }, success, tool } = asked
    const args = encode(params)
    if (Result.isFailure(args)) return run
    return Effect.flatMap(digest(JSON.stringify(ordered([form, tool, version, args.success]))), (key) =>
      this.follow(
        key,
        onGivenAgain,
        Effect.flatMap(this.keeper.find(key, success), (known) => {
          if (known !== undefined) return Effect.sync(() => (onGivenAgain(), known))
          return Effect.tap(run, (result) => this.keeper.keep(key, result, success, timeToLive))
        })
      ))
  }

  /** The last caller that leaves interrupts the call. */
  private follow<A, E, R>(
    key: string,
    onFollowed: () => void,
    call: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> {
    const join = Effect.suspend(() => {
      const known = this.calling.get(key)
      if (known !== undefined) {
        known.callers++
        onFollowed()
        return Effect.succeed(known)
      }
      const own = new Calling()
      this.calling.set(key, own)
      const run = Effect.ensuring(Effect.interruptible(call), Effect.sync(() => this.over(key, own)))
      return Effect.map(Effect.forkDetach(run), (fiber) => {
        own.fiber = fiber
        return own
      })
    })
    return Effect.acquireUseRelease(
      join,
      // What is found under a key is what a call of that form gives.
      ({ fiber }) => fiber === undefined ? call : Fiber.join(fiber as Fiber.Fiber<A, E>),
      (calling) =>
        Effect.suspend(() => {
          if (--calling.callers > 0 || calling.fiber === undefined) return Effect.void
          this.over(key, calling)
          return Fiber.interrupt(calling.fiber)
        })
    )
  }

  private over(key: string, calling: Calling): void {
    if (this.calling.get(key) === calling) this.calling.delete(key)
  }
}

/** A call under way, and how many wait for it. */
class Calling {
  callers = 1
  fiber: Fiber.Fiber<unknown, unknown> | undefined
}

/** The same JSON with the members of all objects in one order. */
const ordered = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(ordered)
    : Kinds.isObject(value)
    ? Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, member]) => [key, ordered(member)])
    : value
