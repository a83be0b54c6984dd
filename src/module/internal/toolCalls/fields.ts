/**
 * Tools and tool calls among the fields of a predictor: where they may stand, and what a model is asked for in their place.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { perSignature } from "../../../adapter/internal/perSignature.ts"
import type { Field } from "../../../signature/Field.ts"
import { holdsToolCalls, isTools } from "../../../signature/internal/tools.ts"
import * as Signature from "../../../signature/Signature.ts"
import { SignatureError } from "../../../signature/SignatureError.ts"

// Models

/** A signature that has tool calls among its outputs, and how a model is asked for them. */
export interface Calling {
  /** The output that is tool calls. */
  readonly field: Field
  /** The inputs that have tools. */
  readonly tools: ReadonlyArray<Field>
  /** Without the tools and the calls: these are a part of the request, and of the response. */
  readonly native: Signature.Any
  /** The output that has a reply's text, where the signature has no other outputs. */
  readonly saying: string | undefined
  /** Whether a reply that calls tools may lack all other outputs, as most models leave them out. */
  readonly isNativeEnough: boolean
  /** With the tools as a list that is written, and the calls as one that is read. */
  readonly inText: Signature.Any
  /** The input of the list. */
  readonly listed: string | undefined
}

// Constructors

/** Throws a {@link SignatureError} where tools or tool calls stand in a place where no model can be asked for them. */
export const check = (signature: Signature.Any): void => {
  const { reason } = problemOf(signature)
  if (reason !== undefined) throw new SignatureError({ reason, text: String(signature) })
}

/** How a model is asked for the tool calls of a signature; nothing where it has none. */
export const callingOf = (signature: Signature.Any): Calling | undefined => known(signature).calling

const known = perSignature((signature) => {
  const field = signature.outputFields.find((field) => field.isToolCalls)
  return field === undefined ? {} : { calling: make(signature, field) }
})

const make = (signature: Signature.Any, field: Field): Calling => {
  const tools = signature.inputFields.filter((field) => field.holdsTools)
  const others = signature.outputFields.filter((other) => other !== field)
  const alone = tools.filter(({ schema }) => isTools(schema))
  const [listed, ...rest] = alone
  const saying = others.length === 0 ? freeName(signature) : undefined
  const said = saying === undefined
    ? signature
    : asksForCalls(Signature.appendOutput(signature, saying, Schema.String), signature)
  return {
    field,
    tools,
    native: without(said, [...alone, field]),
    saying,
    isNativeEnough: others.every((other) => Result.isSuccess(leftOut(other))),
    inText: listing(
      Signature.withField(without(signature, rest), field.name, written, {
        description: field.description ?? "the tools to call, in their order; an empty list to call none"
      }),
      listed
    ),
    listed: listed?.name
  }
}

// Destructors

/** What an output is where a reply calls tools and leaves it out: nothing, its default, null, or the empty text. */
export const leftOut = (field: Field): ReturnType<Field["decodeAbsent"]> =>
  Result.orElse(
    field.decodeAbsent(),
    (issues) => field.kind === "text" ? Result.map(field.decode(""), Option.some) : Result.fail(issues)
  )

// Details

const problemOf = perSignature(({ inputFields, outputFields }): { readonly reason?: string } => {
  const tool = outputFields.find((field) => field.holdsTools)
  if (tool !== undefined) {
    return {
      reason: `'${tool.name}' cannot be a tool that a model gives: ask for calls of tools (${tool.name}: ToolCalls)`
    }
  }
  const [calls, second] = outputFields.filter(({ schema }) => holdsToolCalls(schema))
  if (calls === undefined) return {}
  if (!calls.isToolCalls) {
    return { reason: `'${calls.name}' has ToolCalls inside of it: they stand alone, and an empty list calls nothing` }
  }
  if (second !== undefined) {
    return {
      reason: `a reply has its tool calls once: '${calls.name}' is ToolCalls, '${second.name}' cannot be that too`
    }
  }
  return inputFields.some((field) => field.holdsTools)
    ? {}
    : {
      reason:
        `'${calls.name}' calls tools, and no input has any: add one, as in "question, tools: list[Tool] -> ${calls.name}: ToolCalls"`
    }
})

/** The calls as a model writes them: their ids are ours. */
const written = Schema.Array(Schema.Struct({ name: Schema.String, args: Schema.Record(Schema.String, Schema.Json) }))

/** The tools as a model reads them. Their schema would say nothing of what they are. */
const listing = (signature: Signature.Any, listed: Field | undefined): Signature.Any =>
  listed === undefined ? signature : Signature.withField(
    signature,
    listed.name,
    Schema.Array(Schema.Record(Schema.String, Schema.Json)),
    {
      description: listed.description ??
        "the tools that can be called; `parameters` is the JSON schema of the arguments"
    }
  )

const without = (signature: Signature.Any, fields: ReadonlyArray<Field>): Signature.Any =>
  fields.reduce<Signature.Any>((self, { name }) => Signature.deleteField(self, name), signature)

/** Default instructions name the outputs, and there are none. */
const asksForCalls = (self: Signature.Any, { instructions }: Signature.Any): Signature.Any =>
  Signature.withInstructions(
    self,
    self.instructions === instructions
      ? `${instructions}\n\nCall the tools that are needed for it, if any.`
      : "Call the tools that are needed for what you are given, if any."
  )

const freeName = ({ inputFields, outputFields }: Signature.Any): string => {
  const names = new Set([...inputFields, ...outputFields].map(({ name }) => name))
  let name = "reply"
  while (names.has(name)) name += "_"
  return name
}
