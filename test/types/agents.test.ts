/** What the types of agents and their tools accept and reject; `tsc` checks this file, the runtime checks what it can. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema, Stream } from "effect"
import {
  type AdapterParseError,
  CodeAct,
  type InputError,
  LM,
  type LMError,
  Module,
  ModuleTool,
  Predict,
  type Prediction,
  ReAct,
  RLM,
  type SandboxError,
  Streaming,
  StreamListener,
  Tool,
  ToolRegistry,
  type Trajectory
} from "effect-lm"
import { Tool as AiTool, Toolkit } from "effect/ai"
import { type Equal, same } from "./support/equal.ts"

class Database extends Context.Service<Database, { readonly find: (id: number) => Effect.Effect<string> }>()(
  "test/Database"
) {}

const find = Tool.make(
  "find",
  { parameters: { id: Schema.Int } },
  ({ id }) => Effect.flatMap(Database, (database) => database.find(id))
)
const add = Tool.make("add", { parameters: { a: Schema.Finite, b: Schema.Finite } }, ({ a, b }) => a + b)
const translate = ModuleTool.make(Predict.make("text -> translation"), { name: "translate" })
const review = ModuleTool.make(
  Module.make("Review", {
    draft: Predict.make("text -> notes: list[str]"),
    last: Predict.make("notes: list[str] -> verdict: bool")
  }, (
    { draft, last }
  ) =>
  (input: { readonly text: string }) => Effect.flatMap(draft(input), last))
    .pipe(Module.withSignature(Predict.make("text -> verdict: bool").signature)),
  { name: "review" }
)

type Failure = InputError | LMError | AdapterParseError

interface Answered {
  readonly reasoning: string
  readonly answer: number
  readonly trajectory: Trajectory.Trajectory
}

describe("types of agents", () => {
  it("a call gives the outputs, their reasoning and the trajectory, and needs what the tools need", () => {
    const agent = ReAct.make("question -> answer: int", { tools: [add, find] })
    const call = agent({ question: "?" }, { maxIterations: 3 })
    type Call = typeof call
    same<Equal<Effect.Error<Call>, Failure>>()
    same<Equal<Effect.Services<Call>, LM | Database>>()
    type Fields = { [K in keyof Answered]: Effect.Success<Call>[K] }
    same<Equal<Fields, { [K in keyof Answered]: Answered[K] }>>()
    // @ts-expect-error the input `question` is missing
    void (() => agent({}))
    // @ts-expect-error there is no option `maxIteration`
    void (() => agent({ question: "?" }, { maxIteration: 3 }))
    // @ts-expect-error unknown type 'itn'
    assert.throws(() => ReAct.make("question -> answer: itn", { tools: [add] }))
  })

  it("an agent that acts by code has the same outputs, and may fail where there is no sandbox", () => {
    const agent = CodeAct.make("question -> answer: int", { tools: [add, find, translate] })
    const call = agent({ question: "?" }, { maxIterations: 3 })
    type Call = typeof call
    same<Equal<Effect.Error<Call>, Failure | SandboxError>>()
    same<Equal<Effect.Services<Call>, LM | Database>>()
    type Fields = { [K in keyof Answered]: Effect.Success<Call>[K] }
    same<Equal<Fields, { [K in keyof Answered]: Answered[K] }>>()
    same<Equal<keyof typeof agent["signatures"], "codeact" | "extract" | "tools.translate">>()
    // @ts-expect-error the input `question` is missing
    void (() => agent({}))
    // @ts-expect-error code has no native calls: there is no option `toolCalls`
    assert.throws(() => CodeAct.make("question -> answer", { tools: [], toolCalls: "native" }))
  })

  it("a recursive language model has the signature's outputs alone, and fails of what its sub-model fails of", () => {
    class Key extends Context.Service<Key, string>()("test/Key") {}
    const subModel = Layer.effect(LM, Effect.flatMap(Key, () => Effect.fail("no model" as const)))
    const reader = RLM.make("text, question -> answer: int", { tools: [add, find, translate], subModel })
    const call = reader({ text: "", question: "?" }, { maxIterations: 3 })
    type Call = typeof call
    same<Equal<Effect.Error<Call>, Failure | SandboxError | "no model">>()
    same<Equal<Effect.Services<Call>, LM | Database | Key>>()
    type Fields = Prediction.Fields<Effect.Success<Call>>
    same<
      Equal<{ [K in keyof Fields]: Fields[K] }, { readonly answer: number; readonly trajectory: Trajectory.Trajectory }>
    >()
    same<
      Equal<keyof typeof reader["signatures"], "generate_action" | "extract" | "llm_query" | "tools.translate">
    >()
    const plain = RLM.make("text -> answer")
    const alone = plain({ text: "" })
    same<Equal<Effect.Error<typeof alone>, Failure | SandboxError>>()
    same<Equal<Effect.Services<typeof alone>, LM>>()
    same<Equal<keyof typeof plain["signatures"], "generate_action" | "extract" | "llm_query">>()
    // @ts-expect-error the input `text` is missing
    void (() => reader({ question: "?" }))
    // @ts-expect-error there is no option `maxLlmCalls`
    assert.throws(() => RLM.make("text -> answer", { maxLlmCalls: 3 }))
    StreamListener.make({ signatureFieldName: "response", predictName: "llm_query" })
  })

  it("a toolkit's handlers are required, and so is the registry", () => {
    const Weather = Toolkit.make(AiTool.make("GetWeather", { parameters: Schema.Struct({ city: Schema.String }) }))
    const forecaster = ReAct.make("question -> answer", { tools: Weather })
    const call = forecaster({ question: "?" })
    same<Equal<Effect.Services<typeof call>, LM | AiTool.HandlersFor<typeof Weather.tools>>>()
    const dynamic = ReAct.make("question -> answer", { tools: ToolRegistry })
    const other = dynamic({ question: "?" })
    same<Equal<Effect.Services<typeof other>, LM | ToolRegistry>>()
    class Root extends Context.Service<Root, string>()("test/Root") {}
    const now = () => "x"
    const below = ({ path }: { readonly path: string }) => Effect.map(Root, (root) => root + path)
    const plain = ReAct.make("question -> answer", { tools: [now, below] })
    const last = plain({ question: "?" })
    same<Equal<Effect.Services<typeof last>, LM | Root>>()
  })

  it("listeners find its predictors, and those of tools that are programs, by their paths", () => {
    const agent = ReAct.make("question -> answer: int", { tools: [add, translate, review] })
    same<
      Equal<
        keyof typeof agent["signatures"],
        "react" | "extract" | "tools.translate" | "tools.review.draft" | "tools.review.last"
      >
    >()
    const program = Module.make(
      "Outer",
      { agent },
      ({ agent }) => (input: { readonly question: string }) => agent(input)
    )
    const events = Streaming.streamify(program, {
      streamListeners: [
        StreamListener.make({ signatureFieldName: "next_thought", allowReuse: true }),
        StreamListener.make({ signatureFieldName: "answer", predictName: "agent.extract", partial: true }),
        StreamListener.make({ signatureFieldName: "translation" }),
        StreamListener.make({ signatureFieldName: "notes", predictName: "tools.review.draft", partial: true })
      ]
    })({ question: "?" })
    type Event = Stream.Success<typeof events>
    same<
      Equal<
        Extract<Event, { readonly _tag: "StreamResponse" }>["predictName"],
        "agent.react" | "agent.tools.translate"
      >
    >()
    same<Equal<Extract<Event, Prediction.Prediction<unknown>>["answer"], number>>()
    assert.isTrue(Stream.isStream(events))

    const misspelt = StreamListener.make({ signatureFieldName: "next_thougt" })
    // @ts-expect-error no predictor has the output field 'next_thougt'
    assert.throws(() => Streaming.streamify(agent, { streamListeners: [misspelt] }), /next_thought/)
    const ambiguous = StreamListener.make({ signatureFieldName: "verdict", predictName: "tools" })
    assert.doesNotThrow(() => Streaming.streamify(agent, { streamListeners: [ambiguous] }))
  })

  it("a program without a signature is no tool", () => {
    const unsigned = Module.make("Unsigned", {}, () => (input: { readonly n: number }) => Effect.succeed(input))
    assert.throws(() => ModuleTool.make(unsigned, { name: "unsigned" }), /Module.withSignature/)
  })
})
