/**
 * The inputs of a signature as flags.
 */
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Field } from "../../signature/Field.ts"
import * as Contents from "./contents.ts"
import * as Naming from "./naming.ts"
import * as Text from "./text.ts"
import * as Typed from "./typed.ts"

/** An input's flag, and what it gives where it is used: the input's value. */
export interface FieldFlag {
  readonly field: Field
  /** All of the flag's names, without their dashes. */
  readonly names: ReadonlyArray<string>
  readonly flag: Flag.Flag<Option.Option<unknown>>
  /** The flag by the name that it has had where a flag of the command had its own, `field-NAME`; an input may have that. */
  readonly former: Flag.Flag<Option.Option<unknown>> | undefined
}

/** The flags of inputs: an input has its own name as flag (`--key_points`, `--key-points`). */
export const make = (fields: ReadonlyArray<Field>, commandFlags: ReadonlySet<string>): ReadonlyArray<FieldFlag> => {
  const { isOwned } = Naming.make(fields)
  const isTaken = (name: string) => isOwned(name) || commandFlags.has(name)
  return fields.map((field) => {
    const { name } = field
    const alias = Naming.dashed(name)
    const former = `field-${name}`
    const names = alias === name ? [name] : [name, alias]
    const flag = flagOf(field, name, isTaken)
    return {
      field,
      names: isOwned(former) ? names : [...names, former],
      flag: alias === name ? flag : Flag.withAlias(flag, alias),
      former: isOwned(former) ? undefined : Flag.withHidden(flagOf(field, former, isTaken))
    }
  })
}

/** An input that has to be given unless it may be left out, as the program takes it. */
export const required = ({ field, flag }: FieldFlag): Flag.Flag<unknown> =>
  Flag.mapEffect(flag, (given) => {
    if (Option.isSome(given)) return Effect.succeed(given.value)
    const absent = field.decodeAbsent()
    return Result.isSuccess(absent)
      ? Effect.succeed(Option.getOrUndefined(absent.success))
      : Effect.fail(new CliError.MissingOption({ option: field.name }))
  })

const flagOf = (field: Field, name: string, isTaken: (name: string) => boolean): FieldFlag["flag"] => {
  const kind = Typed.kindOf(field)
  const flag: FieldFlag["flag"] = kind === "boolean" && !field.nullable
    ? (isTaken(`no-${name}`) ? Flag.withoutNegation(Flag.Boolean(name)) : Flag.Boolean(name)).pipe(
      Flag.mapEffect((value) => read(field, name, [String(value)])),
      Flag.optional
    )
    : kind === "list"
    ? Flag.String(name).pipe(
      Flag.atLeast(0),
      Flag.mapEffect((texts) => texts.length === 0 ? Effect.succeedNone : Effect.asSome(read(field, name, texts)))
    )
    : Flag.String(name).pipe(Flag.mapEffect((text) => read(field, name, [text])), Flag.optional)
  return flag.pipe(
    Flag.withMetavar(kind === "boolean" ? "boolean" : metavar(field)),
    Flag.withDescription(Text.harmless(describe(field, kind)))
  )
}

const read = (
  field: Field,
  name: string,
  texts: ReadonlyArray<string>
): Effect.Effect<unknown, CliError.InvalidValue> =>
  Effect.mapError(
    Typed.load(field, texts),
    (expected) =>
      new CliError.InvalidValue({ option: name, value: shown(field, texts.join(" ")), expected, kind: "flag" })
  )

/** A data URI may have millions of characters. */
const shown = ({ contents }: Field, value: string): string =>
  contents.length > 0 && value.length > 100 ? `${value.slice(0, 100)}...` : value

const metavar = (field: Field): string =>
  Contents.wanted(field) !== undefined ? "path|url" : field.type.length > 40 ? "json" : field.type

const describe = (field: Field, kind: Typed.Kind): string =>
  [
    field.description ?? "input",
    ...field.constraints,
    ...(kind === "list" ? ["repeat it, or give a JSON array"] : []),
    ...absent(field)
  ].join("; ")

/** What becomes of an input that is left out. */
const absent = (field: Field): ReadonlyArray<string> => {
  const value = field.decodeAbsent()
  if (Result.isFailure(value)) return []
  const json = Option.isSome(value.success) ? Result.getOrUndefined(field.encode(value.success.value)) : undefined
  return [
    json === undefined || json === null ? "may be left out" : `may be left out, and is ${JSON.stringify(json)} then`
  ]
}
