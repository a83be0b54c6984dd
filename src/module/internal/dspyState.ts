/**
 * What DSPy's `program.save("state.json")` writes, as a state of a program that has the same predictors.
 *
 * DSPy names no fields: they are told by their place, and by the prefix or the description that DSPy derives from a name. Its
 * language models, traces and training examples are left out, and so is what DSPy does not show of a demo. An agent's trajectory is
 * a field there; here it is the conversation, so that demos are without it. Settings stay those of the program.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import * as Call from "../../run/Call.ts"
import type { Field } from "../../signature/Field.ts"
import { isRecord, type JsonRecord } from "../../text/json/values.ts"
import type { Any as Predictor } from "../Predict.ts"
import * as State from "../State.ts"
import type * as Reason from "../StateReason.ts"
import { fieldsOf } from "./fieldsText.ts"
import * as Misfit from "./stateMisfit.ts"

/** Whether DSPy has saved the value: a predictor alone is at the top, others are by their names. */
export const isState = (json: JsonRecord): boolean => isSaved(json) || Object.values(json).some(isSaved)

/** The state that DSPy has saved, under the paths and with the fields of these predictors. */
export const stateOf = (
  json: JsonRecord,
  predictors: ReadonlyMap<string, Predictor>
): Result.Result<State.State, Reason.Reason> =>
  Result.gen(function*() {
    const all: JsonRecord = isSaved(json) ? { [Call.rootPath]: json } : json
    const states: Array<readonly [string, State.Predictor]> = []
    for (const [name, value] of Object.entries(all)) {
      if (name === "metadata" && !isSaved(value)) continue
      const path = pathOf(name, all, predictors)
      const predictor = path === undefined ? undefined : predictors.get(path)
      if (path === undefined || predictor === undefined) return yield* Misfit.unknownPath(name, predictors.keys())
      const saved = yield* Result.mapError(decode(value), (issue) => Misfit.unfit(issue, [name]))
      states.push([path, yield* savedOf(path, predictor, saved)])
    }
    return { version: State.version, predictors: Object.fromEntries(states) }
  })

// Details

const Saved = Schema.Struct({
  demos: Schema.Array(Schema.JsonObject),
  signature: Schema.Struct({
    instructions: Schema.String,
    fields: Schema.Array(Schema.Struct({ prefix: Schema.String, description: Schema.String }))
  })
})
type Saved = typeof Saved.Type
type SavedField = Saved["signature"]["fields"][number]

const decode = SchemaParser.decodeUnknownResult(Saved)

const isSaved = (value: unknown): boolean =>
  isRecord(value) && isRecord(value["signature"]) && Array.isArray(value["signature"]["fields"])

/** `ChainOfThought` is a module of one predictor there, `plan.predict`; here it is a predictor. */
const pathOf = (name: string, all: JsonRecord, predictors: ReadonlyMap<string, Predictor>): string | undefined => {
  if (predictors.has(name)) return name
  const outer = name === "predict" ? Call.rootPath : /^(.+)\.predict$/.exec(name)?.[1]
  return outer === undefined || Object.hasOwn(all, outer) ? undefined : outer
}

const savedOf = (
  path: string,
  { settings, signature }: Predictor,
  { demos, signature: saved }: Saved
): Result.Result<State.Predictor, Reason.OtherSignature> => {
  const fields = [...signature.inputFields, ...signature.outputFields]
  const given = fields.some(({ name }) => name === "trajectory")
    ? saved.fields
    : saved.fields.filter((field) => !isOf(field, "trajectory"))
  if (given.length !== fields.length || !fields.every(({ name }, i) => isOf(given[i]!, name))) {
    return Misfit.otherSignature(path, saved.fields.map(nameOf).join(", "), fieldsOf(signature))
  }
  const descriptions = given.flatMap(({ description }, i) =>
    description === "" || description === placeholder(fields[i]!.name) ? [] : [[fields[i]!.name, description] as const]
  )
  return Result.succeed({
    signature: fieldsOf(signature),
    instructions: saved.instructions,
    ...(descriptions.length > 0 && { descriptions: Object.fromEntries(descriptions) }),
    demos: demos.map((demo) => ({
      inputs: valuesOf(signature.inputFields, demo),
      outputs: valuesOf(signature.outputFields, demo)
    })),
    config: settings.config
  })
}

/** A field has a name's description unless it was given one, and its prefix unless an optimizer wrote another. */
const isOf = ({ description, prefix }: SavedField, name: string): boolean =>
  description === placeholder(name) || letters(prefix) === letters(name)

const placeholder = (name: string): string => `\${${name}}`

/** `key_points`, `keyPoints` and `Key Points:` are one name. A name may be of any script. */
const letters = (text: string): string => text.normalize().replace(/[^\p{L}\p{M}\p{N}]/gu, "").toLowerCase()

const nameOf = ({ description, prefix }: SavedField): string =>
  /^\$\{([^{}]+)\}$/.exec(description)?.[1] ?? prefix.replace(/:$/, "")

const valuesOf = (fields: ReadonlyArray<Field>, demo: Schema.JsonObject): State.Demo["inputs"] =>
  Object.fromEntries(
    fields.flatMap(({ name }) => Object.hasOwn(demo, name) ? [[name, withContent(demo[name]!)] as const] : [])
  )

/** Pictures, sounds and files are in a text of DSPy's own; here they may be an address or a data URI. */
const withContent = (value: Schema.Json): Schema.Json => {
  if (typeof value === "string") return contentOf(value) ?? value
  if (Array.isArray(value)) return value.map(withContent)
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withContent(inner as Schema.Json)]))
    : value
}

const contentOf = (text: string): string | undefined => {
  const inner = /^<<CUSTOM-TYPE-START-IDENTIFIER>>(.*)<<CUSTOM-TYPE-END-IDENTIFIER>>$/s.exec(text)?.[1]
  if (inner === undefined) return undefined
  const parts = Result.getOrUndefined(Result.flatMap(Result.try((): unknown => JSON.parse(inner)), decodeParts))
  const part = parts?.[0]
  if (part === undefined) return undefined
  switch (part.type) {
    case "image_url":
      return part.image_url.url
    case "input_audio":
      return `data:audio/${part.input_audio.format};base64,${part.input_audio.data}`
    case "file":
      return part.file.file_data
  }
}

const decodeParts = Schema.decodeUnknownResult(Schema.Array(Schema.Union([
  Schema.Struct({ type: Schema.Literal("image_url"), image_url: Schema.Struct({ url: Schema.String }) }),
  Schema.Struct({
    type: Schema.Literal("input_audio"),
    input_audio: Schema.Struct({ data: Schema.String, format: Schema.String })
  }),
  Schema.Struct({ type: Schema.Literal("file"), file: Schema.Struct({ file_data: Schema.String }) })
])))
