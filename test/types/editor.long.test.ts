/** What an editor shows of programs: names of listeners, fields, and what is wrong in one message. A quarter of a minute. */
import { assert, describe, it } from "@effect/vitest"
import { edit } from "./languageServer.ts"

const programs = `
import { Effect, Schema, Stream } from "effect"
import { Tool as AiTool, Toolkit } from "effect/ai"
import { AsyncProgram, ChainOfThought, Module, OpenAI, Predict, ReAct, Streaming, StreamListener, Tool, ToolRegistry } from "effect-lm"
const qa = Predict.make("question, limit: int -> answer, tags: list[str]")
const thoughtful = ChainOfThought.make("question -> answer")
const research = Module.make("Research", {
  analyze: ChainOfThought.make("question -> key_points: list[str]"),
  synthesize: ChainOfThought.make("question, key_points: list[str] -> answer")
}, ({ analyze, synthesize }) => Effect.fnUntraced(function*(input: { readonly question: string }) {
  const { key_points } = yield* analyze(input)
  return yield* synthesize({ ...input, key_points })
}))
const search = Tool.make("search", { parameters: { query: Schema.String } }, ({ query }) => query)
const agent = ReAct.make("question -> answer", { tools: [search] })
`

/** One sentence, and not what a signature has. */
const noSignature = /^[^\n]*'ParseError<"this is no signature: write [^\n]*Signature\.fromSchemas[^\n]*">'\.$/

const flat = (text: string) => text.replace(/\s+/g, " ")

// The language server is another process, which a busy machine may keep waiting.
describe("editors", { timeout: 120_000 }, () => {
  it("complete the names of a listener, whatever else is wrong with it", async () => {
    const listener = (options: string) =>
      `Streaming.streamify(research, { streamListeners: [StreamListener.make({ ${options} })] })`
    await edit(
      [
        programs,
        listener(`signatureFieldName: "<field>"`),
        listener(`signatureFieldName: "<field of synthesize>", predictName: "synthesize"`),
        listener(`signatureFieldName: "answer", predictName: "<name>"`),
        listener(`signatureFieldName: "reasoning", allowReuse: true, predictName: "<ambiguous name>"`),
        `AsyncProgram.make(research, OpenAI.layerConfig, { streamListeners: [StreamListener.make({ signatureFieldName: "<async>" })] })`
      ].join("\n"),
      async ({ completions }) => {
        const fields = ["answer", "key_points", "reasoning"]
        const names = ["analyze", "synthesize"]
        for (
          const [at, expected] of [
            ["<field>", fields],
            ["<field of synthesize>", fields],
            ["<name>", names],
            ["<ambiguous name>", names],
            ["<async>", fields]
          ] as const
        ) {
          const found = await completions(`"${at}"`, 1)
          assert.deepStrictEqual(found.filter((name) => !name.startsWith("<")).toSorted(), expected, at)
        }
      }
    )
  })

  it("show the fields of programs and predictions", async () => {
    const source = `${programs}
export const all = Effect.gen(function*() {
  const answered = yield* qa({ question: "", limit: 1 })
  const thought = yield* thoughtful({ question: "" })
  const found = yield* agent({ question: "" })
  const written = yield* research({ question: "" })
  return [answered, thought, found, written]
})`
    await edit(source, async ({ hover }) => {
      const shown = async (name: string) => flat(await hover(`const ${name} =`, "const ".length))
      assert.strictEqual(
        await shown("qa"),
        "const qa: Predict.Predict<Signature<{ readonly limit: Schema.Int; readonly question: Schema.String; }, " +
          "{ readonly answer: Schema.String; readonly tags: Schema.$Array<Schema.String>; }>>"
      )
      assert.strictEqual(
        await shown("thoughtful"),
        "const thoughtful: Predict.Predict<Signature<{ readonly question: Schema.String; }, " +
          "{ readonly answer: Schema.String; readonly reasoning: Schema.String; }>>"
      )
      assert.strictEqual(
        await shown("research"),
        "const research: Module.Module<{ readonly question: string; }, " +
          "{ readonly answer: string; readonly reasoning: string; }, Predict.PredictError, LM, { " +
          "readonly analyze: Signature<{ readonly question: Schema.String; }, " +
          "{ readonly key_points: Schema.$Array<Schema.String>; readonly reasoning: Schema.String; }>; " +
          "readonly synthesize: Signature<" +
          "{ readonly key_points: Schema.$Array<Schema.String>; readonly question: Schema.String; }, " +
          "{ readonly answer: Schema.String; readonly reasoning: Schema.String; }>; }>"
      )
      assert.strictEqual(
        await shown("agent"),
        "const agent: ReAct.ReAct<Signature<{ readonly question: Schema.String; }, { readonly answer: Schema.String; }>, " +
          "readonly [Tool.Tool<\"search\", { readonly query: string; }, string, never, never>], never, never>"
      )
      assert.strictEqual(
        await shown("answered"),
        "const answered: Prediction<{ readonly answer: string; readonly tags: readonly string[]; }>"
      )
      assert.strictEqual(
        await shown("thought"),
        "const thought: Prediction<{ readonly answer: string; readonly reasoning: string; }>"
      )
      assert.strictEqual(
        await shown("found"),
        "const found: Prediction<{ readonly answer: string; readonly reasoning: string; readonly trajectory: Trajectory; }>"
      )
      assert.strictEqual(
        await shown("written"),
        "const written: Prediction<{ readonly answer: string; readonly reasoning: string; }>"
      )
    })
  })

  it("say what is wrong in one message", async () => {
    const wrong: ReadonlyArray<readonly [line: string, message: RegExp]> = [
      [
        `qa({ questoin: "?", limit: 1 })`,
        /^Object literal .* 'questoin' does not exist .* Did you mean to write 'question'\?$/
      ],
      [`qa({ question: "?" })`, /^Property 'limit' is missing in type '\{ question: string; \}'/],
      [`qa({ question: 1, limit: 1 })`, /^Type 'number' is not assignable to type 'string'\.$/],
      [`qa("?")`, /^Argument of type 'string' is not assignable to parameter of type '\{ readonly limit/],
      [
        `qa({ question: Promise.resolve("?"), limit: 1 })`,
        /^Type 'Promise<string>' is not assignable to type 'string'/
      ],
      [`thoughtful({ questoin: "?" })`, /Did you mean to write 'question'\?$/],
      [`research({ questoin: "?" })`, /Did you mean to write 'question'\?$/],
      [`agent({ questoin: "?" })`, /Did you mean to write 'question'\?$/],
      [`Predict.make(Schema.Struct({ answer: Schema.String }))`, noSignature],
      [`ChainOfThought.make(Schema.Struct({ answer: Schema.String }))`, noSignature],
      [`ReAct.make(Schema.Struct({ answer: Schema.String }), { tools: [search] })`, noSignature],
      [`Predict.make(42)`, noSignature],
      [
        `Predict.make("question -> answer: strng")`,
        /'ParseError<"unknown type 'strng': there are str, int, [^\n]*">'\.$/
      ],
      [
        `Predict.make("question, answer")`,
        /'ParseError<"expected '->' and the output fields, as in question -> answer">'\.$/
      ],
      [
        `ReAct.make("question -> answer", { tools: [(a: number, b: number) => a + b] })`,
        /^Type '\(a: number, b: number\) => number' is not assignable .*\n *Types of parameters 'b' and 'context' are incompatible/
      ],
      [
        `ReAct.make("question -> answer", { tools: [qa] })`,
        /not assignable to type '"a module is made a tool with ModuleTool\.make"'\.$/
      ]
    ]
    const listeners: ReadonlyArray<readonly [options: string, sentence: string]> = [
      [`signatureFieldName: "anser"`, "no output field 'anser'; there are: answer, key_points, reasoning"],
      [
        `signatureFieldName: "answer", predictName: "analyze"`,
        "no output field 'answer'; there are: key_points, reasoning"
      ],
      [
        `signatureFieldName: "answer", predictName: "sythesize"`,
        "no predictor 'sythesize'; there are: analyze, synthesize"
      ],
      [
        `signatureFieldName: "reasoning"`,
        "several predictors have the output field 'reasoning': give predictName, one of analyze, synthesize"
      ],
      [`signatureFieldName: "answer", partial: true`, "'answer' is a string: it streams as text, not as partial values"]
    ]
    const source = [
      programs,
      ...wrong.map(([line]) => line),
      ...listeners.map(([options]) =>
        `Streaming.streamify(research, { streamListeners: [StreamListener.make({ ${options} })] })`
      )
    ].join("\n")
    await edit(source, async ({ problems }) => {
      const found = await problems()
      assert.strictEqual(found.length, wrong.length + listeners.length, JSON.stringify(found, null, 2))
      wrong.forEach(([line, message], i) => {
        assert.strictEqual(found[i]!.line, line)
        assert.match(found[i]!.message, message)
      })
      listeners.forEach(([options, sentence], i) => {
        const { line, message } = found[wrong.length + i]!
        assert.include(line, options)
        assert.match(
          message,
          /^Property 'listenerError' is missing in type 'StreamListener<[^<]*>' but required in type/
        )
        assert.isTrue(message.endsWith(`'ListenerError<"${sentence}">'.`), message)
      })
    })
  })

  it("name the service that is missing", async () => {
    const missing: ReadonlyArray<readonly [line: string, services: ReadonlyArray<string>]> = [
      [`Effect.runPromise(qa({ question: "?", limit: 1 }))`, ["LM"]],
      [`Effect.runPromise(Stream.runDrain(Streaming.streamify(research)({ question: "?" })))`, ["LM"]],
      [`Effect.runPromise(ReAct.make("question -> answer", { tools: ToolRegistry })({ question: "?" }))`, [
        "LM",
        "ToolRegistry"
      ]],
      [`Effect.runPromise(ReAct.make("question -> answer", { tools: kit })({ question: "?" }))`, [
        `Handler<"lookup">`,
        "LM"
      ]]
    ]
    const source = [
      programs,
      `const kit = Toolkit.make(AiTool.make("lookup", { parameters: Schema.Struct({ word: Schema.String }) }))`,
      ...missing.map(([line]) => line)
    ].join("\n")
    await edit(source, async ({ problems }) => {
      const found = await problems()
      assert.deepStrictEqual(found.map(({ line }) => line), missing.map(([line]) => line))
      missing.forEach(([, services], i) => {
        const { message } = found[i]!
        const named = /^ *Type '(.*)' is not assignable to type 'never'\.$/m.exec(message)?.[1]
        assert.deepStrictEqual(named?.split(" | ").toSorted(), services, message)
        assert.notInclude(message, "overload")
      })
    })
  })
})
