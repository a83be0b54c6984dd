/**
 * An agent's iterations, as far as they are still sent: all, unless a rule leaves some out or the language model cannot take them.
 */
import * as Effect from "effect/Effect"
import type * as Adapter from "../../adapter/Adapter.ts"
import { LMError } from "../../lm/LMError.ts"
import { kept } from "../../module/internal/keeping.ts"
import type { Keep } from "../../module/Keep.ts"
import * as Call from "../../run/Call.ts"
import { notify, Observers } from "../../run/Observer.ts"
import type { StepsDropped } from "../../run/RunEvent.ts"
import { kindOf } from "../../text/kind.ts"
import type { Step, Trajectory } from "../Trajectory.ts"

/** Which iterations are sent again. */
export type Rule = Keep | ((trajectory: Trajectory) => Trajectory)

/** What was said in one run of an agent. */
export interface Conversation {
  /** Adds a remark to the iteration that is under way. */
  readonly note: (text: string) => void
  /** Adds the iteration that was under way: what it has done, and how the model is told. */
  readonly add: (step: Step, turn: Adapter.Turn) => void
  /** What is sent behind the question. */
  readonly turns: () => ReadonlyArray<Adapter.Turn>
  /**
   * Sends the turns. Iterations are left out as the rule says and, where the model's context is full, the older half of those that
   * are left. The model is told so in a note, the observers in an event. Fails where the newest iteration alone is too long.
   */
  readonly fitting: <A, E, R>(
    send: (turns: ReadonlyArray<Adapter.Turn>) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
}

/** An iteration with all that was said in it: a call of a tool is never without its result. */
interface Done {
  readonly step: Step
  readonly turns: ReadonlyArray<Adapter.Turn>
}

/** Nothing was said yet; `call` is the agent's. */
export const make = (call: Call.Call, rule: Rule | undefined): Conversation => {
  let done: ReadonlyArray<Done> = []
  let underWay: ReadonlyArray<Adapter.Turn> = []
  let gone: ReadonlyArray<number> = []
  /** Whether an iteration was added since the rule was asked: it is asked once for each. */
  let isNew = false

  const sendOnly = Effect.fnUntraced(function*(left: ReadonlyArray<Done>, reason: StepsDropped["reason"]) {
    const iterations = done.filter((one) => !left.includes(one)).map(({ step }) => step.iteration)
    if (iterations.length === 0) return
    done = left
    gone = [...gone, ...iterations].toSorted((a, b) => a - b)
    yield* notify(yield* Observers, [{
      _tag: "StepsDropped",
      sequence: call.run.nextSequence(),
      call: (yield* Call.CurrentCall) ?? call,
      iterations,
      reason
    }])
  })

  const byRule = Effect.suspend(() => {
    if (rule === undefined || !isNew) return Effect.void
    isNew = false
    return sendOnly(leftBy(rule, done), "keep")
  })

  const turns = () => [...remarkOn(gone), ...done.flatMap(({ turns }) => turns), ...underWay]

  const sending: Conversation["fitting"] = (send) =>
    Effect.suspend(() =>
      Effect.catchIf(
        send(turns()),
        (error) => done.length > 1 && error instanceof LMError && error.reason._tag === "ContextWindowExceeded",
        () => Effect.andThen(sendOnly(done.slice(Math.ceil(done.length / 2)), "context"), sending(send))
      )
    )

  return {
    note: (text) => {
      underWay = [...underWay, { _tag: "Note", text }]
    },
    add: (step, turn) => {
      done = [...done, { step, turns: [...underWay, turn] }]
      underWay = []
      isNew = true
    },
    turns,
    fitting: (send) => Effect.andThen(byRule, sending(send))
  }
}

// Details

const leftBy = (rule: Rule, done: ReadonlyArray<Done>): ReadonlyArray<Done> => {
  if (typeof rule !== "function") return done.slice(-kept(rule, done.map(({ turns }) => turns)))
  const steps = done.map(({ step }) => step)
  const chosen: unknown = rule(steps)
  if (!Array.isArray(chosen)) {
    throw new TypeError(`\`keep\` gave ${kindOf(chosen)}: it gives those of the agent's steps that are sent again`)
  }
  const left = done.filter(({ step }) => chosen.includes(step))
  if (left.length < chosen.length) {
    throw new TypeError(
      "`keep` gave a step that it was not given: it gives those of the agent's steps that are sent again"
    )
  }
  if (left.at(-1) !== done.at(-1)) {
    throw new TypeError("`keep` left out the newest step: it always stays, for the model goes on from there")
  }
  return left
}

/** What the model is told in the place of the iterations that are not sent. */
const remarkOn = (gone: ReadonlyArray<number>): ReadonlyArray<Adapter.Turn> => {
  if (gone.length === 0) return []
  const last = gone.at(-1)!
  const [which, were] = gone.length === 1
    ? [`Turn ${last}`, "It was"]
    : [gone.length === last ? `Turns 1 to ${last}` : `Turns ${gone.join(", ")}`, "They were"]
  return [{
    _tag: "Note",
    text: `(${which} of the work stood here. ${were} left out because the text became too long.)`
  }]
}
