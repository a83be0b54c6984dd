/**
 * The state of a program: taken from its predictors, and given to predictors of the same paths and fields again.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import * as Call from "../../run/Call.ts"
import type { FieldIssue } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"
import { isDeeper, mostLevels } from "../../text/depth.ts"
import { isRecord, type JsonRecord } from "../../text/json/values.ts"
import { kindOf } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import type { Any } from "../Module.ts"
import type { Any as Predictor, Predict } from "../Predict.ts"
import * as State from "../State.ts"
import { StateError } from "../StateError.ts"
import type * as Reason from "../StateReason.ts"
import * as DSPy from "./dspyState.ts"
import { fieldsOf } from "./fieldsText.ts"
import { TypeId } from "./invoke.ts"
import { restored } from "./restored.ts"
import * as Misfit from "./stateMisfit.ts"
import { readJson } from "./stateText.ts"

type Predictors = ReadonlyMap<string, Predictor>
type Found<A> = Result.Result<A, Reason.Reason>

/** The state of the program. It is loaded once here, so that a state that cannot be loaded fails now. */
export const save = (program: Any): Effect.Effect<State.State, StateError> =>
  ofProgram(program, () =>
    Result.gen(function*() {
      const predictors = predictorsOf(program)
      const lost = Array.from(predictors).flatMap(([path, { settings: { config, demos } }]) =>
        isDeeper(config, mostLevels)
          ? [{
            path: ["predictors", path, "config"],
            message: `is nested more than ${mostLevels} levels deep, or holds itself`
          }]
          : notJson({ config, demos }, ["predictors", path])
      )
      if (lost.length > 0) return yield* Misfit.invalid(lost)
      const saved = Array.from(predictors, ([path, predictor]) => [path, savedOf(predictor)])
      const json = yield* readJson({ version: State.version, predictors: Object.fromEntries(saved) }, Infinity)
      const state = yield* stateOf(json, predictors)
      yield* restoredBy(state, predictors)
      return state
    }))

/** The program with a state, which is a value or its text. */
export const load = <M extends Any>(program: M, json: unknown, maxLength: number): Effect.Effect<M, StateError> =>
  ofProgram(program, () =>
    Result.gen(function*() {
      const predictors = predictorsOf(program)
      const state = yield* stateOf(yield* readJson(json, maxLength), predictors)
      const others = yield* restoredBy(state, predictors)
      return program[TypeId].mapPredictors(
        // Its signature has the same fields, of the same types.
        <S extends Signature.Any>(_: Predict<S>, path: string) => others.get(path) as Predict<S>,
        Call.rootPath
      ) as M
    }))

// Details

const ofProgram = <A>(program: Any, f: () => Found<A>): Effect.Effect<A, StateError> =>
  Effect.suspend(() =>
    Effect.fromResult(Result.mapError(f(), (reason) => new StateError({ program: program.name, reason })))
  )

const predictorsOf = (program: Any): Predictors => {
  const predictors = new Map<string, Predictor>()
  program[TypeId].mapPredictors((predictor, path) => {
    predictors.set(path, predictor)
    return predictor
  }, Call.rootPath)
  return predictors
}

const savedOf = ({ settings, signature }: Predictor): State.Predictor => {
  const fields: Signature.Any["inputFields"] = [...signature.inputFields, ...signature.outputFields]
  const descriptions = fields.flatMap(({ description, name }) => description === undefined ? [] : [[name, description]])
  return {
    signature: fieldsOf(signature),
    instructions: signature.instructions,
    ...(descriptions.length > 0 && { descriptions: Object.fromEntries(descriptions) }),
    // A predictor may have been given another signature: then its demos may have fields that the signature does not have.
    demos: settings.demos.map(({ inputs, outputs }) => ({
      inputs: only(signature.inputFields, inputs),
      outputs: only(signature.outputFields, outputs)
    })),
    config: settings.config
  }
}

const only = (fields: Signature.Any["inputFields"], values: JsonRecord): State.Demo["inputs"] =>
  Object.fromEntries(
    fields.flatMap(({ name }) => Object.hasOwn(values, name) ? [[name, values[name] as Schema.Json]] : []) // it was looked at
  )

/** The state that a value is, or that DSPy saved. */
const stateOf = (json: unknown, predictors: Predictors): Found<State.State> => {
  if (!isRecord(json)) return Misfit.noState(`it is ${kindOf(json)}`)
  const { version } = json
  if (typeof version !== "number") {
    return DSPy.isState(json) ? DSPy.stateOf(json, predictors) : Misfit.noState("it has no version")
  }
  if (version > State.version) return Misfit.newerVersion(version, State.version)
  return Result.mapError(decode(json), (issue) => Misfit.unfit(issue))
}

/** Stops at the first fault: a file may have millions of them. */
const decode = SchemaParser.decodeUnknownResult(State.State, { onExcessProperty: "error" })

/** The predictors of a program with their saved states. The state has exactly the predictors of the program. */
const restoredBy = ({ predictors: saved }: State.State, predictors: Predictors): Found<Predictors> => {
  const all = new Map(Object.entries(saved))
  for (const path of all.keys()) {
    if (!predictors.has(path)) return Misfit.unknownPath(path, predictors.keys())
  }
  const others = new Map<string, Predictor>()
  const issues: Array<FieldIssue> = []
  for (const [path, predictor] of predictors) {
    const own = all.get(path)
    if (own === undefined) return Misfit.missingPath(path, all.keys())
    const fields = fieldsOf(predictor.signature)
    if (own.signature !== fields) return Misfit.otherSignature(path, own.signature, fields)
    const other = restored(predictor, own, ["predictors", path])
    if (Result.isSuccess(other)) others.set(path, other.success)
    else issues.push(...other.failure)
  }
  return issues.length === 0 ? Result.succeed(others) : Misfit.invalid(issues)
}

/** The values of a predictor that JSON would lose silently: dates, secrets, instances of classes. */
const notJson = (value: unknown, path: FieldIssue["path"]): ReadonlyArray<FieldIssue> => {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean") return []
  if (typeof value === "number" && Number.isFinite(value)) return []
  if (Array.isArray(value)) return value.flatMap((inner, index) => notJson(inner, [...path, index]))
  if (typeof value === "object" && Kinds.isPlain(value)) {
    return Object.entries(value).flatMap(([name, inner]) => notJson(inner, [...path, name]))
  }
  const advice = Redacted.isRedacted(value)
    ? "a file has no secrets: give it to the layer of the model, or with Module.withConfig"
    : "JSON has no such value"
  return [{ path, message: `is ${typeof value === "number" ? value : kindOf(value)}, and ${advice}` }]
}
