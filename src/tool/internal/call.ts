/**
 * A call of a tool, whoever makes it: the arguments are checked, an approval is asked for where the tool wants one, and the tool
 * runs. Programs that call a tool, agents, registries and `effect/ai` all take this one way.
 */
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Step from "../../run/Step.ts"
import type { ToolReporter } from "../../run/Watched.ts"
import type { JsonRecord } from "../../text/json/values.ts"
import * as Approval from "../Approval.ts"
import * as ToolError from "../ToolError.ts"
import type { Rule } from "./cacheRule.ts"
import { decided } from "./decision.ts"
import { type CallInfo, type Entry, Given } from "./entry.ts"
import * as Request from "./request.ts"
import { CurrentResults } from "./results.ts"

// Models

/** One call of a tool. Callers differ in the arguments that they have, and in what they want of the result. */
export interface Call<A, E, R> {
  readonly entry: Entry<R>
  /** Checks what the caller gave. */
  readonly check: Effect.Effect<Checked, ToolError.ToolError, R>
  readonly run: (params: unknown) => Effect.Effect<A, E, R>
  /** What comes of it, and what it may fail of: to store either. */
  readonly success: Schema.Codec<A, unknown>
  readonly error: Schema.Codec<E, unknown>
  /** What the caller wants of the result: a program its value, an agent its JSON. */
  readonly form: "value" | "given"
}

/** Arguments that the tool takes. */
export interface Checked {
  /** As the tool's function has them. */
  readonly params: unknown
  /** As JSON: for whoever approves the call, or stores it. */
  readonly json: () => Result.Result<JsonRecord, ToolError.ToolError>
}

// Constructors

/** Checks, asks and runs. `onChanged` is told the arguments that an approval put in place of the caller's. */
export const make = <A, E, R>(
  call: Call<A, E, R>,
  info: CallInfo,
  onChanged: (args: JsonRecord) => void = () => {}
): Effect.Effect<A, E | ToolError.ToolError, R> =>
  Effect.gen(function*() {
    const { check, entry } = call
    const checked = yield* check
    if (entry.needsApproval === undefined || !(yield* entry.needsApproval(checked.params, info))) {
      return yield* perform(call, checked, info.report)
    }
    const changed = yield* approval(entry, yield* Effect.fromResult(checked.json()), info.report)
    if (changed === undefined) return yield* perform(call, checked, info.report)
    onChanged(changed)
    return yield* perform(call, yield* checkChanged(entry, changed), info.report)
  })

/** A call with arguments as JSON has them: what agents make. */
export const ofEntry = <R>(entry: Entry<R>, args: JsonRecord, info: CallInfo): Call<Given, ToolError.ToolError, R> => ({
  entry,
  check: checkJson(entry, args),
  run: (params) => entry.run(params, info),
  form: "given",
  success: Given,
  error: ToolError.ToolError
})

// Details

const checkJson = <R>({ decode }: Entry<R>, args: JsonRecord): Effect.Effect<Checked, ToolError.ToolError, R> =>
  Effect.map(decode(args), (params) => ({ params, json: () => Result.succeed(args) }))

/** Runs the tool, as a step of the run. */
const perform = <A, E, R>(call: Call<A, E, R>, checked: Checked, report: ToolReporter): Effect.Effect<A, E, R> => {
  const { entry, error, success } = call
  const self = entry.cache === undefined
    ? call.run(checked.params)
    : throughResults(call, entry.cache, checked.params, report)
  return entry.isProgram === true ? self : Step.perform(self, () => ({
    _tag: "Tool",
    name: entry.spec.name,
    asked: { arguments: Result.getOrElse(checked.json(), () => null), ...report.asked },
    success,
    error
  }))
}

/** The result that is kept, or else that of the tool. */
const throughResults = <A, E, R>(
  { entry, form, run, success }: Call<A, E, R>,
  rule: Rule,
  params: unknown,
  { givenAgain }: ToolReporter
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const self = run(params)
    const asked = { tool: entry.spec.name, rule, params, form, success, onGivenAgain: givenAgain }
    return fiber.getRef(CurrentResults)?.find(asked, self) ?? self
  })

/** Checks the arguments of an approval. Where the tool does not take them, the model is not to blame. */
const checkChanged = <R>(entry: Entry<R>, changed: JsonRecord) =>
  Effect.mapError(checkJson(entry, changed), ({ reason, tool }) =>
    new ToolError.ToolError({
      tool,
      reason: reason._tag === "InvalidArguments"
        ? new ToolError.InvalidArguments({ issues: reason.issues, fromApproval: true })
        : reason
    }))

/** Asks, and tells the observers so. Gives the changed arguments, if the decision has others. */
const approval = <R>(
  { spec }: Entry<R>,
  args: JsonRecord,
  report: ToolReporter
): Effect.Effect<JsonRecord | undefined, ToolError.ToolError> =>
  Effect.gen(function*() {
    const request = yield* Request.make(spec, args, report.toolCallId)
    /** What the decision puts in the place of the arguments; who approves may send back what was asked for. */
    const changedBy = (decision: Approval.Decision) =>
      decision._tag === "Refused" || Equal.equals(decision.arguments, args) ? undefined : decision.arguments
    const asking = Effect.gen(function*() {
      yield* report.approvalRequested(request.id)
      const decision = yield* decided(request)
      yield* report.approvalAnswered(request.id, decision._tag === "Approved", decision.reason, changedBy(decision))
      return decision
    })
    const decision = yield* Step.perform(asking, () => ({
      _tag: "Approval",
      name: spec.name,
      asked: { arguments: args, ...report.asked },
      success: Approval.Decision,
      error: Schema.Never
    }))
    if (decision._tag === "Approved") return changedBy(decision)
    return yield* new ToolError.ToolError({
      tool: spec.name,
      reason: new ToolError.Refused(decision.reason === undefined ? {} : { description: decision.reason })
    })
  })
