/**
 * What to stream of a program: one output field of one predictor.
 */
import * as Predicate from "effect/Predicate"
import type { Signatures } from "../module/Module.ts"
import type * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { type Names, onlyKnown } from "../text/options.ts"

// Models

/**
 * Listens to one output field. `predictName` selects the predictor: its exact path, else the one path that begins or ends with
 * it; without it the field must belong to one predictor only. A listener is a value without state: one can serve many
 * programs and runs.
 */
export interface StreamListener<
  Field extends string = string,
  Name extends string | undefined = string | undefined,
  Partial extends boolean = boolean
> {
  readonly signatureFieldName: Field
  readonly predictName: Name
  /** Report every call of the predictor within a run; otherwise only the first. */
  readonly allowReuse: boolean
  /** Report the value as far as it has come instead of text; for fields that are not strings. */
  readonly partial: Partial
}

// Constructors

/**
 * Makes a listener. `allowReuse` and `partial` are false unless given.
 *
 * @example
 * StreamListener.make({ signatureFieldName: "answer", predictName: "synthesize" })
 */
export const make = <
  const Field extends string,
  const Name extends string | undefined = undefined,
  const Partial extends boolean = false
>(options: {
  readonly signatureFieldName: Field
  readonly predictName?: Name
  readonly allowReuse?: boolean | undefined
  readonly partial?: Partial
}): StreamListener<Field, undefined extends Name ? undefined : Name, NoInfer<Partial>> => {
  const { allowReuse = false, partial = false, predictName, signatureFieldName } = onlyKnown(
    "StreamListener.make",
    options,
    optionNames
  )
  // The types of the options say what the last two are.
  return { signatureFieldName, predictName: predictName as never, allowReuse, partial: partial as never }
}

const optionNames: Names<StreamListener> = {
  signatureFieldName: Kinds.needed(Kinds.make("a string, the name of an output field", Predicate.isString)),
  predictName: Kinds.text,
  allowReuse: Kinds.flag,
  partial: Kinds.flag
}

// Resolution, for types

/** The paths that a listener's `predictName` may mean. */
type Named<S extends Signatures, Name> = Name extends undefined ? keyof S & string
  : Name extends keyof S & string ? Name
  : { [P in keyof S & string]: P extends `${Name & string}.${string}` | `${string}.${Name & string}` ? P : never }[
    keyof S & string
  ]

/** Those of the paths that have the field. */
type WithField<S extends Signatures, Paths extends string, Field extends string> = {
  [P in Paths]: Field extends keyof Signature.Output<S[P]> ? P : never
}[Paths]

/** The path of the predictor that a listener listens to; `never` where there is none. */
export type Resolve<S extends Signatures, L extends StreamListener> = WithField<
  S,
  Named<S, L["predictName"]>,
  L["signatureFieldName"]
>

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never

/** A sentence that the compiler shows at the argument. */
export interface ListenerError<Message extends string> {
  readonly listenerError: Message
}

/** Any listener, for a program whose predictors have these signatures: what editors offer names from. */
export type Any<S extends Signatures> = StreamListener<
  FieldOf<S, keyof S & string> | Other,
  (keyof S & string) | Other | undefined
>

/** Any other string: the union with it is not simplified to `string`, and goes on naming its members. */
type Other = string & {}

/** The output fields of the predictors at these paths. */
type FieldOf<S extends Signatures, Paths extends keyof S> = {
  [P in Paths]: keyof Signature.Output<S[P]> & string
}[Paths]

/**
 * The listener itself if it fits the program; otherwise what is wrong with it. While the compiler does not know the listener
 * yet, `L` is `never`: what is wanted is then any listener, which is how editors come to the names.
 */
export type Check<S extends Signatures, L extends StreamListener> = string extends keyof S ? L
  : [L] extends [never] ? Any<S>
  : [Named<S, L["predictName"]>] extends [never]
    ? ListenerError<`no predictor '${L["predictName"] & string}'; there are: ${Listed<keyof S & string>}`>
  : [Resolve<S, L>] extends [never] ? ListenerError<
      `no output field '${L["signatureFieldName"]}'; there are: ${Listed<FieldOf<S, Named<S, L["predictName"]>>>}`
    >
  : IsUnion<Resolve<S, L>> extends true ? ListenerError<
      `several predictors have the output field '${L["signatureFieldName"]}': give predictName, one of ${Listed<
        Resolve<S, L>
      >}`
    >
  : L["partial"] extends true ?
    Signature.Output<S[Resolve<S, L>]>[L["signatureFieldName"]] extends string
      ? ListenerError<`'${L["signatureFieldName"]}' is a string: it streams as text, not as partial values`>
    : L
  : L

/** The members of a union of strings, as one string. */
type Listed<U extends string, Text extends string = ""> = [U] extends [never] ? Text
  : Last<U> extends infer L extends string ? Listed<Exclude<U, L>, Text extends "" ? L : `${L}, ${Text}`>
  : never

/** One member of a union, the last that the compiler has: of functions that are all meant, it takes the last one's result. */
type Last<U> = (U extends unknown ? (_: () => U) => void : never) extends (_: infer All) => void
  ? All extends () => infer L ? L : never
  : never

// Resolution, at run time

/**
 * The path that a listener means in a program; throws a `TypeError` that names the candidates where there is none or more than
 * one, which the types rule out for programs whose predictors they know.
 */
export const resolve = (signatures: Signatures, listener: StreamListener): string => {
  const { predictName: name, signatureFieldName: field } = listener
  const paths = Object.keys(signatures)
  const named = name === undefined
    ? paths
    : paths.includes(name)
    ? [name]
    : paths.filter((path) => path.startsWith(`${name}.`) || path.endsWith(`.${name}`))
  if (named.length === 0) {
    throw new TypeError(`no predictor '${name}' to listen to; there are: ${paths.join(", ") || "none"}`)
  }
  const found = named.filter((path) => signatures[path]!.outputFields.some((output) => output.name === field))
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    throw new TypeError(
      `several predictors have the output field '${field}': give predictName, one of ${found.join(", ")}`
    )
  }
  const outputs = named.map((path) =>
    `${path} (${signatures[path]!.outputFields.map((output) => output.name).join(", ")})`
  )
  throw new TypeError(`no output field '${field}' to listen to; there are: ${outputs.join(", ")}`)
}
