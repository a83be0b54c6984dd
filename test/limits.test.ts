/** Numbers that a program gives, and how deep its inputs are: what cannot be meant is refused where it is given. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Redacted, Schema } from "effect"
import { CurrentMaxIterations, Module, OpenAI, Predict, ReAct, Signature, Streaming, Tool, Toolbox } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { forms } from "./support/adapters.ts"

const qa = Predict.make("question -> answer")
const one = Tool.make("one", {}, () => 1)
const layer = (options: object) => OpenAI.layer({ model: "m", apiKey: Redacted.make("k"), ...options } as never)

const noCounts = [NaN, -1, 0.5, -Infinity]
const noTimes = [NaN, -1, "-1 seconds", "soon", { seconds: NaN }]

/** Where a number is given when something is made, and whether 0 means something there. */
const made: ReadonlyArray<readonly [string, boolean, (value: never) => unknown]> = [
  ["maxIterations", false, (value) => ReAct.make("q -> a", { tools: [one], maxIterations: value })],
  ["toolConcurrency", false, (value) => ReAct.make("q -> a", { tools: [one], toolConcurrency: value })],
  ["maxObservationLength", false, (value) => ReAct.make("q -> a", { tools: [one], maxObservationLength: value })],
  ["maxRepairs", true, (value) => Predict.make("q -> a", { maxRepairs: value })],
  ["maxTokens", false, (value) => Predict.make("q -> a", { config: { maxTokens: value } })],
  ["n", false, (value) => Predict.make("q -> a", { config: { n: value } })],
  ["bufferSize", false, (value) => Streaming.streamify(qa, { bufferSize: value })],
  ["concurrency", false, (value) => Tool.make("t", { concurrency: value }, () => 1)],
  ["retry", true, (value) => Tool.make("t", { retry: value }, () => 1)]
]

describe("how many", () => {
  for (const [name, hasNone, make] of made) {
    it(`${name}: no number, a negative one and a fraction are refused when it is made`, () => {
      const problem = new RegExp(`\`${name}\`.* is (NaN|-1|0\\.5|-Infinity|0): it is a whole number`)
      for (const value of [...noCounts, ...(hasNone ? [] : [0])]) {
        assert.throws(() => make(value as never), TypeError, problem, String(value))
      }
      make((hasNone ? 0 : 1) as never)
      make(7 as never)
    })
  }

  it("settings out of range are refused", () => {
    for (
      const config of [{ temperature: NaN }, { temperature: -1 }, { topP: 2 }, { seed: 0.5 }, { maxTokens: Infinity }]
    ) {
      assert.throws(() => Predict.make("q -> a", { config }), TypeError, Object.keys(config)[0]!)
    }
    Predict.make("q -> a", { config: { temperature: 0, topP: 0, seed: -1, maxTokens: 1 } })
  })

  it.effect("and so they are where a call or its context gives them", () =>
    Effect.gen(function*() {
      const agent = ReAct.make("question -> answer", { tools: [one] })
      const outer = Module.make(
        "Outer",
        { agent },
        ({ agent }) => (input: { readonly question: string }) => agent(input)
      )
      const calls = [
        agent({ question: "?" }, { maxIterations: NaN }),
        agent({ question: "?" }, { maxIterations: 0 }),
        outer({ question: "?" }, { maxIterations: -1 }),
        agent({ question: "?" }).pipe(Effect.provideService(CurrentMaxIterations, NaN)),
        qa({ question: "?" }, { config: { temperature: NaN } })
      ]
      assert.throws(
        () => qa({ question: "?" }).pipe(Module.withConfig({ maxTokens: 0 })),
        TypeError,
        /`maxTokens` is 0/
      )
      assert.throws(() => Predict.withConfig(qa, { topP: 2 }), TypeError, /`topP` is 2/)
      for (const call of calls) {
        const exit = yield* Effect.exit(call.pipe(Effect.provide(ScriptedLM.layer([]))))
        assert.match(String(Exit.isFailure(exit) ? exit.cause : exit), /`\w+` is (NaN|-?\d)/)
      }
    }))

  it("a toolbox's limits, too", () => {
    for (const options of [{ maxTextLength: NaN }, { maxArgumentBytes: 0 }]) {
      assert.throws(() => Toolbox.resolve([one], options), TypeError, /^`\w+` is (NaN|0)/)
    }
  })
})

describe("how long", () => {
  it("no number, a negative time, what is none and no time at all are refused; Infinity is no limit", () => {
    for (const timeout of [...noTimes, 0, "0 seconds"]) {
      assert.throws(
        () => Tool.make("t", { timeout: timeout as never }, () => 1),
        TypeError,
        /`timeout` of the tool 't' is /,
        String(timeout)
      )
    }
    Tool.make("t", { timeout: Infinity }, () => 1)
    Tool.make("t", { timeout: "1 second" }, () => 1)
  })

  it("of a provider's layer, when it is made", async () => {
    const refuses = (options: object, option: string) =>
      assert.throws(() => layer(options), TypeError, new RegExp(`\`${option}\` is`))
    for (const limit of ["firstEvent", "idle", "afterFinish", "reply", "attempt"]) {
      for (const value of [...noTimes, 0]) {
        refuses({ timeouts: { [limit]: value } }, `timeouts.${limit}`)
      }
    }
    for (const retry of [{ times: NaN }, { times: -1 }, { delay: NaN }, { maxDelay: -1 }, { maxRetryAfter: "later" }]) {
      refuses({ retry }, `retry.${Object.keys(retry)[0]}`)
    }
    for (const limits of [{ line: NaN }, { event: 0 }, { reply: -1 }, { errorBody: 0.5 }]) {
      refuses({ limits }, `limits.${Object.keys(limits)[0]}`)
    }
    const without = layer({ timeouts: { reply: Infinity }, retry: { times: 0, delay: 0 }, limits: { reply: Infinity } })
    const exit = await Effect.runPromiseExit(Effect.scoped(Layer.build(without)))
    assert.isTrue(Exit.isSuccess(exit))
  })
})

describe("inputs", () => {
  const nested = (levels: number) => {
    let value: unknown = 1
    for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { in: value }
    return value
  }
  const any = Predict.fromSignature(
    Signature.fromSchemas({ inputs: { x: Schema.Unknown }, outputs: { answer: Schema.String } })
  )

  for (const { format, layer, name } of forms) {
    it.effect(`${name}: nested too deep, or holding themselves, they are an InputError before anything is asked`, () =>
      Effect.gen(function*() {
        const lm = ScriptedLM.layer(() => format({ answer: "yes" }))
        const ask = (x: unknown) => any({ x }).pipe(Effect.provide([layer, lm]))
        assert.strictEqual((yield* ask(nested(499))).answer, "yes")
        const loop: Record<string, unknown> = {}
        loop["self"] = [loop]
        for (const deep of [nested(501), nested(100_000), loop]) {
          const error = yield* Effect.flip(ask(deep))
          assert.strictEqual(error._tag, "InputError")
          assert.include(error.message, "x: is nested more than 500 levels deep, or holds itself")
        }
        // What many places share is looked at once, and is no deeper for it.
        let shared: unknown = 1
        for (let level = 0; level < 16; level++) shared = [shared, shared]
        yield* ask(shared)
        const error = yield* Effect.flip(ask({ a: shared, b: nested(600) }))
        assert.strictEqual(error._tag, "InputError")
      }))
  }
})
