/**
 * Values whose type nobody knows, in a form that says what they were: `{"$":"Date","value":"2026-01-02T00:00:00.000Z"}`.
 *
 * Strings, finite numbers, booleans, `null`, lists and records are their own form, so what is JSON stays as it is. Everything
 * else is a record with a mark under the key `$`; a record's own key of dollars alone gets one dollar more.
 */
import * as Duration from "effect/Duration"
import * as Base64 from "effect/encoding/Base64"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Prediction from "../../module/Prediction.ts"
import { isTool, specOf } from "../../signature/ToolSpec.ts"
import { mostLevels } from "../../text/depth.ts"
import type { ErrorClass } from "../EventCodec.ts"
import * as Errors from "./errorValues.ts"
import { fromKey, isMarked, type Marked, marked, toKey, type Values } from "./marks.ts"
import * as Predictions from "./predictionValues.ts"

type Classes = ReadonlyMap<string, ErrorClass>

// Constructors

/** Forms in JSON: a value that has none is described where it stood. */
export const forJson = (classes: Classes): Values => make({ classes, stacks: false, lost: described }, () => false)

/** Forms for another thread of this process: a structured clone keeps more than JSON. */
export const forThread = (classes: Classes, lost: Values["lost"] = described): Values =>
  make({ classes, stacks: true, lost }, isKeptByClones)

const described = (what: string): Marked => marked("Lost", what)

/** `keeps` says of a value that is no JSON whether the carrier keeps it as it is. */
const make = (options: Pick<Values, "classes" | "stacks" | "lost">, keeps: (value: unknown) => boolean): Values => {
  const { lost } = options

  const write = (value: unknown, within = new Set<object>()): unknown => {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value
      case "number":
        return (Number.isFinite(value) && !Object.is(value, -0)) || keeps(value)
          ? value
          : marked("Number", Object.is(value, -0) ? "-0" : String(value))
      case "bigint":
        return keeps(value) ? value : marked("BigInt", String(value))
      case "undefined":
        return keeps(value) ? value : { $: "Undefined" }
      case "object":
        break
      default:
        // Among the inputs of a call a tool is what a model is told of it.
        return isTool(value) ? write(specOf(value), within) : lost(`a ${typeof value}`)
    }
    if (value === null || keeps(value)) return value
    if (within.has(value)) return lost("a value that holds itself")
    if (within.size >= mostLevels) return lost(`a value nested more than ${mostLevels} levels deep`)
    within.add(value)
    const form = writeObject(values, value, within)
    within.delete(value)
    return form
  }

  const read = (form: unknown, depth = 0): unknown => {
    if (typeof form !== "object" || form === null || keeps(form)) return form
    if (depth > deepest) throw new TypeError(`it is nested more than ${deepest} levels deep`)
    if (Array.isArray(form)) return form.map((inner) => read(inner, depth + 1))
    if (isMarked(form)) return readMarked(values, form, depth)
    if (isItsForm(form)) return form
    return Object.fromEntries(Object.entries(form).map(([key, inner]) => [fromKey(key), read(inner, depth + 1)]))
  }

  const values: Values = { write, read, ...options }
  return values
}

// Writing

const writeObject = (values: Values, value: object, within: Set<object>): unknown => {
  const write = (inner: unknown) => values.write(inner, within)
  if (Array.isArray(value)) return Array.from(value, write)
  if (isPlain(value)) return writeRecord(values, value, write)
  if (Prediction.isPrediction(value)) return { _tag: "Prediction", $: "Prediction", ...Predictions.write(value, write) }
  if (Errors.isError(value)) return Errors.write(values, value, within)
  if (value instanceof Date) return marked("Date", Number.isNaN(value.getTime()) ? null : value.toISOString())
  if (value instanceof Map) return marked("Map", Array.from(value, ([key, inner]) => [write(key), write(inner)]))
  if (value instanceof Set) return marked("Set", Array.from(value, write))
  if (ArrayBuffer.isView(value)) return { ...marked("Bytes", base64Of(value)), of: value.constructor.name }
  if (value instanceof ArrayBuffer) return { ...marked("Bytes", base64Of(new Uint8Array(value))), of: "ArrayBuffer" }
  if (value instanceof URL) return marked("URL", value.href)
  if (value instanceof RegExp) return { ...marked("RegExp", value.source), flags: value.flags }
  if (Duration.isDuration(value)) return marked("Duration", Schema.encodeSync(durations())(value))
  return writeInstance(values, value, write)
}

const writeRecord = (values: Values, value: object, write: (inner: unknown) => unknown): unknown =>
  // A getter may throw.
  Result.match(Result.try(() => isItsForm(value) ? undefined : Object.entries(value)), {
    onSuccess: (entries) =>
      entries === undefined ? value : Object.fromEntries(entries.map(([key, inner]) => [toKey(key), write(inner)])),
    onFailure: (thrown) => values.lost(`a value that cannot be read (${String(thrown)})`)
  })

/** The form of an instance of an unknown class: that of its `toJSON`, or of its properties. */
const writeInstance = (values: Values, value: object, write: (inner: unknown) => unknown): unknown => {
  if (Predicate.isPromiseLike(value)) return values.lost("a promise")
  const of = String(value.constructor?.name)
  if (!Predicate.hasProperty(value, "toJSON") || !Predicate.isFunction(value.toJSON)) {
    // An instance that keeps its content elsewhere would silently become an empty record.
    return Object.keys(value).length === 0
      ? values.lost(`a ${of}`)
      : { ...marked("Instance", writeRecord(values, value, write)), of }
  }
  const { toJSON } = value
  return Result.match(Result.try((): unknown => toJSON.call(value)), {
    onSuccess: (said) => ({ ...marked("Instance", write(said)), of }),
    onFailure: (thrown) => values.lost(`a value that cannot be read (${String(thrown)})`)
  })
}

const base64Of = (view: ArrayBufferView): string =>
  Base64.encode(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))

// Reading

const readMarked = (values: Values, form: Marked, depth: number): unknown => {
  const { $, value } = form
  const read = (inner: unknown) => values.read(inner, depth + 1)
  switch ($) {
    case "Number":
      return Number(value)
    case "BigInt":
      return BigInt(String(value))
    case "Undefined":
      return undefined
    case "Date":
      return new Date(value === null ? NaN : String(value))
    case "Map":
      return new Map(listOf(value).map((entry) => [read(listOf(entry)[0]), read(listOf(entry)[1])]))
    case "Set":
      return new Set(listOf(value).map(read))
    case "Bytes":
      return readBytes(String(form["of"]), String(value))
    case "Duration":
      return Schema.decodeUnknownSync(durations())(value)
    case "URL":
      return new URL(String(value))
    case "RegExp":
      return new RegExp(String(value), String(form["flags"]))
    case "Prediction":
      return Predictions.read(form, read)
    // What nobody knows better, in the place of a value whose type is known; and the JSON of such a type, which looks like a mark.
    case "Instance":
    case "Any":
      return read(value)
    case "Json":
      return value
    case "Lost":
      return { _tag: "Lost", what: String(value) }
  }
  if ($.startsWith(Errors.mark)) return Errors.read(values, form, depth)
  throw new TypeError(`it has a value of the unknown kind ${JSON.stringify($.slice(0, 100))}`)
}

const readBytes = (of: string, base64: string): unknown => {
  const bytes = Result.getOrThrow(Base64.decode(base64))
  const View = views.get(of)
  return View === undefined ? of === "ArrayBuffer" ? bytes.slice().buffer : bytes : new View(bytes.slice().buffer)
}

const listOf = (value: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value
  throw new TypeError("it has no list where one belongs")
}

// Details

/** The form of a value has up to three levels for one of its own. */
const deepest = 3 * mostLevels + 10

const isPlain = (value: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(value)
  return proto === Object.prototype || proto === null
}

/** Whether a plain record is its own form at once, as most events are: it holds texts, truth values and numbers alone. */
const isItsForm = (record: object): boolean => {
  for (const [key, inner] of Object.entries(record)) {
    if (key.startsWith("$")) return false
    if (typeof inner === "number" ? !Number.isFinite(inner) || Object.is(inner, -0) : !isText(inner)) return false
  }
  return true
}

const isText = (value: unknown): boolean => typeof value === "string" || typeof value === "boolean"

/** Whether the carrier keeps a value that JSON does not have: `NaN`, a `bigint`, `undefined`, an object. */
const isKeptByClones = (value: unknown): boolean =>
  typeof value !== "object" || value instanceof Date || value instanceof RegExp ||
  ArrayBuffer.isView(value) || value instanceof ArrayBuffer ||
  (typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer)

/** What bytes may be seen as; `Uint8Array` where it is none of these. */
const views = new Map<string, new(buffer: ArrayBuffer) => ArrayBufferView>(
  [
    Int8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView
  ].map((View) => [View.name, View])
)

let durationCodec: Schema.Codec<Duration.Duration, unknown> | undefined
const durations = () => durationCodec ??= Schema.toCodecJson(Schema.Duration)
