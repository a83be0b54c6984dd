/**
 * How a call becomes messages: what all adapters say alike, around the form in which each wants the reply.
 *
 * The system message tells the task and the form, and is the same for every call of a signature. Examples follow as turns,
 * those with gaps first, then the conversation so far, where an input is its history; the last message has the inputs. The same
 * call gives the same bytes, and what was asked before is asked again in the bytes that it was asked in.
 */
import {
  assistant,
  type LMRequest,
  type Message,
  type ReplyShape,
  system as systemMessage,
  user
} from "../../../lm/LMRequest.ts"
import type { Field } from "../../../signature/Field.ts"
import type * as Signature from "../../../signature/Signature.ts"
import type { AdapterCall, Called, Demo } from "../../Adapter.ts"
import type { AdapterParseError } from "../../AdapterParseError.ts"
import { type Value, valueOf } from "../../Form.ts"
import { perSignature } from "../perSignature.ts"
import * as Calls from "./calls.ts"
import { askedOf, conversation } from "./conversation.ts"
import { feedback } from "./feedback.ts"
import { type Given, givenOf, labelOf, numbering, plain, toldValue, valuesOf } from "./fieldText.ts"
import * as Foreign from "./foreign.ts"
import type { Whole } from "./form.ts"
import { content, fill, type Piece, schemaOf, trimmed } from "./media.ts"
import type { JsonFields, ReplyTurn } from "./turn.ts"
import { exchange, followed, followedPlainly, type Following } from "./turns.ts"

/** A function that formats calls in this form. */
export const formatter = (form: Whole, following: Following): (call: AdapterCall) => LMRequest => {
  const alone = perSignature((signature) => ({
    system: systemMessage(system(form, signature)),
    reminder: form.reminder(signature.outputFields),
    responseFormat: form.responseFormat(signature.outputFields)
  }))
  const besideTools = perSignature((signature) => ({
    system: systemMessage(system(form, signature, "You may call tools. The reply that calls none has this form. ")),
    reminder: `Call the tools that help. Once you know enough: ${form.reminder(signature.outputFields)}`,
    responseFormat: { _tag: "Text" } as const
  }))
  const foreignOf = Foreign.foreignOf(form)
  return (call) => {
    const { called, config, demos, later, offersTools, signature } = call
    const { reminder, responseFormat, system } = offersTools === true ? besideTools(signature) : alone(signature)
    const foreign = foreignOf(signature, later)
    const shown = ordered(signature, demos, called)
    const asked = askedOf(signature)
    return {
      messages: [
        system,
        ...shown.flatMap((demo) => turns(form, foreign, signature, demo, called)),
        ...conversation(call, {
          question: (values) => trimmed([...inputText(foreign, givenOf(asked, values)), reminder]),
          answer: (values) => form.output(valuesOf(signature.outputFields, values), foreign.inert),
          words: (text) => foreign.inert(text, "text"),
          turns: (asked, turns) => followed(asked, turns, call, following)
        })
      ],
      config,
      responseFormat
    }
  }
}

/** A function that tells what a model is held to in this form, and what it is asked instead in plain words. */
export const shaper = (
  piecesOf: NonNullable<Whole["pieces"]>,
  following: Following
): (call: AdapterCall) => ReplyShape => {
  const fixed = perSignature((signature) => ({
    system: systemMessage(plainSystem(signature)),
    pieces: piecesOf(signature.outputFields)
  }))
  return (call) => {
    const { called, demos, signature } = call
    const { pieces, system } = fixed(signature)
    const asked = askedOf(signature)
    return {
      pieces,
      prompt: [
        system,
        ...ordered(signature, demos, called).flatMap((demo) => plainTurns(signature, demo, called)),
        ...conversation(call, {
          question: (values) => content(plain(asked, givenOf(asked, values))),
          answer: (values) => plainReply(signature, values),
          words: (text) => text,
          turns: (asked, turns) => followedPlainly(asked, turns, call, following)
        })
      ]
    }
  }
}

/** A function that writes replies of this form, and what follows them. */
export const turnsOf = (form: Whole): Following => {
  const fixed = perSignature((signature) => ({ reminder: form.reminder(signature.outputFields) }))
  const foreignOf = Foreign.foreignOf(form)
  const write: Following = (signature, { closing, outputs, parts, reply, then }, later) => {
    const { reminder } = fixed(signature)
    const foreign = foreignOf(signature, later)
    const said = outputs === undefined ? reply : form.output(valuesOf(signature.outputFields, outputs), foreign.inert)
    if (then === undefined || typeof then === "string") {
      return exchange(said, then === undefined ? undefined : foreign.alone(then), parts)
    }
    const told = Object.entries(then).map(toldValue)
    // A remark may hold the name of a field. Its text must not look like that field.
    const toldInert = form.inert(Object.keys(then))
    const values = told.map((value) => foreign.told({ ...value, text: toldInert(value.text, value.kind) }))
    return exchange(said, values.join("\n\n"), parts, closing === true ? "" : reminder)
  }
  return Object.assign(write, {
    plain: (signature: Signature.Any, { outputs, parts, reply, then }: ReplyTurn) =>
      exchange(
        outputs === undefined ? reply : plainReply(signature, outputs),
        then === undefined || typeof then === "string"
          ? then
          : Object.entries(then).map(toldValue).map(({ name, text }) => `${labelOf(name)}: ${text}`).join("\n"),
        parts
      ),
    inert: (signature: Signature.Any, text: string, later?: Signature.Any) => foreignOf(signature, later).alone(text),
    remark: (signature: Signature.Any, text: string, later?: Signature.Any) => foreignOf(signature, later).remark(text)
  })
}

/** A function that tells a model what was wrong with its reply, and asks for the form once more. */
export const feedbackOf = (form: Whole): (error: AdapterParseError) => string => {
  const say = feedback(form.again)
  // An issue may quote the reply: a key that the model chose, or a value that a check complains about. The signature's short
  // form is the fields' names.
  return (error) => form.inert(error.signature.match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [])(say(error), "text")
}

// The system message

const system = (form: Whole, signature: Signature.Any, before = ""): string => {
  const reply = form.reply(signature.outputFields)
  return [
    ...(askedOf(signature).length === 0
      ? []
      : [`You are given:\n${listOf(askedOf(signature), { type: ({ type }) => type, schema: schemaOf })}`]),
    ...(reply === undefined ? [] : [`You produce:\n${listOf(signature.outputFields, form)}`, before + reply]),
    `The task:\n${signature.instructions}`
  ].join("\n\n")
}

/** How the types of listed fields are told. */
type Spelling = Pick<Whole, "type" | "schema">

const listOf = (fields: ReadonlyArray<Field>, spelling: Spelling): string =>
  fields.map((field) => `- ${describe(field, spelling)}`).join("\n")

const describe = (field: Field, spelling: Spelling): string => {
  const schema = saysMore(field) ? spelling.schema(field) : undefined
  return [
    `${field.name} (${spelling.type(field)}${absent(field)})`,
    ...(field.description === undefined ? [] : [`: ${field.description}`]),
    ...(field.constraints.length === 0 ? [] : [`\n  It has to be: ${field.constraints.join("; ")}.`]),
    ...(schema === undefined ? [] : [`\n  JSON schema: ${schema}`])
  ].join("")
}

const absent = ({ default: value, optional }: Field): string =>
  !optional ? "" : value === undefined ? ", may be left out" : `, ${JSON.stringify(value)} if left out`

/**
 * Objects have properties with descriptions and constraints of their own, and dates inside of something else have a format,
 * which the type does not tell.
 */
const saysMore = (field: Field): boolean => field.kind === "json" && /"(?:properties|format)":/.test(schemaOf(field))

// Inputs and examples

/** The inputs, and the empty line after them. */
const inputText = (foreign: Foreign.Foreign, values: ReadonlyArray<Given>): ReadonlyArray<Piece> =>
  values.flatMap((value) => [...fill(foreign.input(value), value.parts), "\n\n"])

interface Shown {
  readonly demo: Demo
  readonly isComplete: boolean
}

/** The demos that show something, those with gaps first: what comes last is imitated most. */
const ordered = (
  signature: Signature.Any,
  demos: ReadonlyArray<Demo>,
  called: Called | undefined
): ReadonlyArray<Shown> => {
  if (demos.length === 0) return []
  const shown = demos
    .filter(({ inputs, outputs }) =>
      (askedOf(signature).length === 0 || valuesOf(askedOf(signature), inputs).length > 0) &&
      (valuesOf(signature.outputFields, outputs).length > 0 || Calls.nativeIn(called, outputs).length > 0)
    )
    .map((demo) => ({
      demo,
      isComplete: hasAll(askedOf(signature), demo.inputs) &&
        (hasAll(signature.outputFields, demo.outputs) || Calls.nativeIn(called, demo.outputs).length > 0)
    }))
  return [...shown.filter((demo) => !demo.isComplete), ...shown.filter((demo) => demo.isComplete)]
}

const hasAll = (fields: ReadonlyArray<Field>, values: JsonFields): boolean =>
  fields.every((field) => field.optional || Object.hasOwn(values, field.name))

const turns = (
  form: Whole,
  foreign: Foreign.Foreign,
  signature: Signature.Any,
  { demo, isComplete }: Shown,
  called: Called | undefined
): ReadonlyArray<Message> => {
  const inputs = withGaps(askedOf(signature), demo.inputs, numbering())
  // A reply that calls tools has what it likes of the other fields.
  const replied = Calls.asReplied(called, demo.outputs)
  const outputs = Calls.nativeIn(called, demo.outputs).length > 0
    ? valuesOf(signature.outputFields, replied)
    : withGaps(signature.outputFields, replied, valueOf)
  return [
    user(trimmed([isComplete ? "" : incomplete, ...inputText(foreign, inputs)])),
    ...Calls.said(
      called,
      demo.outputs,
      outputs.length === 0 ? "" : form.output(outputs, foreign.inert),
      (text) => foreign.inert(text, "text")
    )
  ]
}

const incomplete = "An example of the task in which something is left open:\n\n"
const gap = "(left open in this example)"

const withGaps = <V extends Value>(
  fields: ReadonlyArray<Field>,
  values: JsonFields,
  valueOf: (field: Field, json: unknown) => V
): ReadonlyArray<V | Value> =>
  fields.flatMap((field): ReadonlyArray<V | Value> =>
    Object.hasOwn(values, field.name)
      ? [valueOf(field, values[field.name])]
      : field.optional
      ? []
      : [{ name: field.name, json: gap, text: gap, kind: "text" }]
  )

// The plain prompt, for a model whose reply is held to its form by other means

const plainSystem = (signature: Signature.Any): string =>
  [
    signature.instructions,
    ...signature.outputFields.filter((field) => field.kind === "json" || field.description !== undefined).map((field) =>
      `${labelOf(field.name)} (${field.type})${field.description === undefined ? "" : `: ${field.description}`}`
    )
  ].join("\n")

const plainTurns = (
  signature: Signature.Any,
  { demo }: Shown,
  called: Called | undefined
): ReadonlyArray<Message> => [
  user(content(plain(askedOf(signature), givenOf(askedOf(signature), demo.inputs)))),
  assistant(plainReply(signature, Calls.asReplied(called, demo.outputs)))
]

const plainReply = ({ outputFields }: Signature.Any, values: JsonFields): string =>
  plain(outputFields, valuesOf(outputFields, values)).join("")
