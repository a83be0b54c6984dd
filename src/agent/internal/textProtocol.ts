/**
 * Tool calls as output fields, in the adapter's form: one call in each iteration, with any language model.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Adapter from "../../adapter/Adapter.ts"
import type { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import type { Dependence } from "../../lm/LMRequest.ts"
import * as Contents from "../../module/internal/contents.ts"
import { bind } from "../../module/internal/invoke.ts"
import { TypeId } from "../../module/Module.ts"
import * as Predict from "../../module/Predict.ts"
import * as Prediction from "../../module/Prediction.ts"
import * as Signature from "../../signature/Signature.ts"
import * as Toolbox from "../../tool/Toolbox.ts"
import type { Plan } from "./between.ts"
import * as Earlier from "./earlier.ts"
import type { Parts } from "./nativeProtocol.ts"
import { perTools } from "./perTools.ts"
import type { Move, Protocol } from "./protocol.ts"

type Outputs = Readonly<Record<string, unknown>>

/** Asks the predictor `react` for a thought, a tool's name and its arguments. */
export const make = (
  { extract, react }: Pick<Parts, "extract" | "react">,
  known: Earlier.Known,
  plan: Pick<Plan, "toolbox" | "toolChoice">
): Protocol => {
  const later = extract.signature
  const toolbox = chosen(plan)
  const { finish, predict, ...replies } = forTools(react, toolbox)
  const call = bind<Predict.Predict<Signature.Any>>(predict[TypeId], "react")
  const { inputs } = known
  const earlier = Earlier.asText(known)
  return {
    ask: (turns, config) =>
      call(inputs, { turns, earlier, later, config }).pipe(
        Effect.map((prediction) =>
          moveOf(Prediction.fields(prediction), Prediction.details(prediction).reply, finish, toolbox)
        ),
        Effect.catchTag("AdapterParseError", (error) =>
          Effect.map(CurrentAdapter, (adapter) => unreadable(adapter, error))),
        Effect.updateService(CurrentAdapter, (adapter) =>
          reading(adapter, replies))
      ),
    prepare: (turns) =>
      Predict.prepare(predict, inputs, { turns, earlier, later }).pipe(
        Effect.updateService(CurrentAdapter, (adapter) => reading(adapter, replies))
      )
  }
}

/** The tools of an iteration, and whether it has to call one. */
export interface Offer extends Pick<Toolbox.Toolbox, "names" | "specs"> {
  readonly mustCall: boolean
}

const chosen = ({ toolChoice, toolbox }: Pick<Plan, "toolbox" | "toolChoice">): Offer => {
  const { names, specs } = toolChoice === "none"
    ? toolbox.only([])
    : typeof toolChoice === "object"
    ? toolbox.only([toolChoice.name])
    : toolbox
  return { names, specs, mustCall: names.length > 0 && (toolChoice === "required" || typeof toolChoice === "object") }
}

/**
 * How replies are read: with arguments that are an object (`read`) or, where they are a blank, `null` or prose, with any (`loose`).
 * `dependence` is for providers that can hold the arguments to the schema of the tool that is named.
 */
interface Replies {
  readonly read: Signature.Any
  readonly loose: Signature.Any
  readonly dependence: Dependence
}

/** The adapter, made to ask for such replies and to read them. */
const reading = (adapter: Adapter.Adapter, replies: Replies): Adapter.Adapter => ({
  ...adapter,
  shape: (call) => {
    const shape = adapter.shape(call)
    return shape === undefined ? undefined : { ...shape, dependence: replies.dependence }
  },
  decoder: () => {
    const decoder = adapter.decoder(replies.read)
    return {
      push: (text) => decoder.push(text),
      pushReasoning: (text) => decoder.pushReasoning(text),
      restart: () => decoder.restart(),
      abort: () => decoder.abort(),
      end: () => {
        const { parts, result } = decoder.end()
        return { parts, result: Result.orElse(result, (error) => withAnyArguments(adapter, replies.loose, error)) }
      }
    }
  },
  fallback: adapter.fallback && reading(adapter.fallback, replies)
})

/**
 * The reply with arguments that are no object, where nothing else is wrong with it. The toolbox decides what they are worth, as it
 * does for native calls: a tool without parameters is called without them.
 */
const withAnyArguments = (
  adapter: Adapter.Adapter,
  loose: Signature.Any,
  error: AdapterParseError
): Adapter.DecodedReply["result"] => {
  if (!error.issues.every(({ path }) => path[0] === "next_tool_args")) return Result.fail(error)
  const decoder = adapter.decoder(loose)
  decoder.push(error.reply)
  return Result.mapError(decoder.end().result, () => error)
}

export const unreadable = (adapter: Adapter.Adapter, error: AdapterParseError): Move => ({
  thought: String(error.parsed["next_thought"] ?? ""),
  calls: [],
  isDone: false,
  problem: error.issues.map(({ message, path }) => [...path, message].join(": ")).join("; "),
  turn: ({ isLast }) => ({
    _tag: "Reply",
    reply: error.reply,
    then: isLast ? "No turn is left." : adapter.feedback(error),
    closing: isLast
  })
})

const moveOf = (outputs: Outputs, reply: string, finish: string, { names }: Offer): Move => {
  const written = String(outputs["next_tool_name"])
  const bare = bareName(written)
  const tool = names.includes(bare) || bare === finish ? bare : written
  const isDone = tool === finish
  const args: Toolbox.Arguments = { _tag: "Json", value: outputs["next_tool_args"] }
  return {
    thought: String(outputs["next_thought"]),
    calls: isDone ? [] : [{ tool, arguments: args }],
    isDone,
    turn: ({ isLast, observations: [observation] }) => ({
      _tag: "Reply",
      reply,
      outputs: { ...outputs, next_tool_args: Toolbox.sendable(args) },
      then: { observation: observation?.text ?? Earlier.noMoreTools },
      parts: Contents.partsOf(observation),
      closing: isLast
    })
  }
}

/** The name without what models put around it: white space, quotes, the parentheses of a call without arguments. */
const bareName = (written: string): string => {
  let start = 0
  let end = written.length
  while (start < end && isAround(written[start]!)) start++
  while (end > start) {
    if (isAround(written[end - 1]!)) end--
    else if (end - start > 2 && written.startsWith("()", end - 2)) end -= 2
    else break
  }
  return written.slice(start, end)
}

const isAround = (character: string): boolean => "\"'`".includes(character) || character.trim() === ""

/** The predictor that knows these tools, and the name that ends the work: one that no tool has. */
const forTools = perTools((react, toolbox: Offer) => {
  const finish = ["finish", "finish_work", "finish_this_work"].find((name) => !toolbox.names.includes(name)) ?? ""
  const ends = toolbox.mustCall ? [] : [finish]
  const read = replySignature(react.signature)
  return {
    finish,
    read,
    loose: Signature.withField(read, "next_tool_args", Schema.optionalKey(Schema.NullOr(Schema.Unknown))),
    dependence: {
      field: "next_tool_args",
      on: "next_tool_name",
      schemas: Object.fromEntries([
        ...toolbox.specs.map(({ name, parameters }) => [name, parameters] as const),
        ...ends.map((name) => [name, { type: "object", properties: {}, additionalProperties: false }] as const)
      ])
    },
    predict: Predict.withSignature(
      react,
      react.signature.pipe(
        (self: Signature.Any) =>
          Signature.withField(self, "next_tool_name", Schema.Literals([...toolbox.names, ...ends]), {
            description: "the tool to use now"
          }),
        Signature.appendInstructions(
          `You work in turns. In each you write a thought, the name of one tool, and its arguments as a JSON object; then ` +
            `you are told what the tool answered. The tools:\n\n${toolbox.specs.map(describe).join("\n")}${
              ends.length === 0
                ? ""
                : `\n- ${finish}: ends the work, once you know enough to answer. Its arguments are {}.`
            }`
        )
      )
    )
  }
})

/**
 * The signature by which replies are read. It allows any tool's name: a reply that names a tool that does not exist is a call,
 * which fails, and the reply is not taken back. It has `observation` as an input, which is how the model is told of a call's
 * result: a model that makes one up has gone on without us, and what follows does not count.
 */
export const replySignature = (react: Signature.Any): Signature.Any =>
  [...react.inputFields, ...react.outputFields].some(({ name }) => name === "observation")
    ? react
    : Signature.appendInput(react, "observation", Schema.optionalKey(Schema.String))

export const describe = ({ description, name, parameters }: Toolbox.Toolbox["specs"][number]): string =>
  `- ${name}${description === undefined ? "" : `: ${description}`}\n  Arguments, as a JSON schema: ${
    JSON.stringify(parameters)
  }`
