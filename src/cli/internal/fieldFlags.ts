/**
 * The inputs of a signature as flags.
 */
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Field } from "../../signature/Field.ts"
import * as Typed from "./typed.ts"

/** An input's flag, and what it gives where it is used: the input's JSON value. */
export interface FieldFlag {
  readonly field: Field
  /** The flag's name without its dashes. */
  readonly name: string
  /** Its name and its alias. */
  readonly names: ReadonlyArray<string>
  readonly flag: Flag.Flag<Option.Option<unknown>>
}

/**
 * The flags of inputs. An input has its own name as flag (`--key_points`, `--key-points`), with `field-` before it where the
 * command has a flag of that name itself.
 */
export const make = (fields: ReadonlyArray<Field>, reserved: ReadonlySet<string>): ReadonlyArray<FieldFlag> => {
  const names = fields.map((field) => nameOf(field.name, reserved))
  const taken = new Set([...reserved, ...names])
  const aliases = names.map((name) => {
    const alias = dashed(name)
    return taken.has(alias) ? undefined : alias
  })
  for (const alias of aliases) if (alias !== undefined) taken.add(alias)
  return fields.map((field, i) => {
    const name = names[i]!
    const alias = aliases[i]
    return { field, name, names: alias === undefined ? [name] : [name, alias], flag: flagOf(field, name, alias, taken) }
  })
}

/** The flag of an input. */
export const nameOf = (field: string, reserved: ReadonlySet<string>): string =>
  reserved.has(field) || reserved.has(dashed(field)) ? `field-${field}` : field

const dashed = (name: string): string => name.replaceAll("_", "-")

const flagOf = (
  field: Field,
  name: string,
  alias: string | undefined,
  taken: ReadonlySet<string>
): FieldFlag["flag"] => {
  const kind = Typed.kindOf(field)
  const flag = kind === "boolean" && !field.nullable
    ? Flag.optional(taken.has(`no-${name}`) ? Flag.withoutNegation(Flag.Boolean(name)) : Flag.Boolean(name))
    : kind === "list"
    ? Flag.String(name).pipe(
      Flag.atLeast(0),
      Flag.mapEffect((texts) => texts.length === 0 ? Effect.succeedNone : Effect.asSome(read(field, name, texts)))
    )
    : Flag.String(name).pipe(Flag.mapEffect((text) => read(field, name, [text])), Flag.optional)
  return (alias === undefined ? flag as FieldFlag["flag"] : Flag.withAlias(flag as FieldFlag["flag"], alias)).pipe(
    Flag.withMetavar(kind === "boolean" ? "boolean" : metavar(field)),
    Flag.withDescription(describe(field, kind, name))
  )
}

const read = (
  field: Field,
  name: string,
  texts: ReadonlyArray<string>
): Effect.Effect<unknown, CliError.InvalidValue> =>
  Effect.mapError(
    Effect.fromResult(Typed.read(field, texts)),
    (expected) => new CliError.InvalidValue({ option: name, value: texts.join(" "), expected, kind: "flag" })
  )

const metavar = (field: Field): string => field.type.length > 40 ? "json" : field.type

const describe = (field: Field, kind: Typed.Kind, name: string): string =>
  [
    field.description ?? (name === field.name ? "input" : `the input ${field.name}`),
    ...field.constraints,
    ...(kind === "list" ? ["repeat it, or give a JSON array"] : []),
    ...(Result.isSuccess(field.decodeAbsent()) ? ["may be left out"] : [])
  ].join("; ")
