/** What the code of a recursive language model asks: where it streams, how much of it there may be, and that it ends with the run. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { LM, LMReason, Module, Predict, Prediction, RLM, Streaming, StreamListener, type Trajectory } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { textAt } from "../support/said.ts"

const ask = { text: "a b c d", question: "Where?" }

/** A turn. */
const turn = (code: string) => ScriptedLM.chat({ reasoning: "hm", code })

const shape = (trajectory: Trajectory.Trajectory) =>
  trajectory.map(({ calls: [call] }) => [call?.isFailure, call?.observation])

/** A model that answers the prompt `x` with `<x>`. */
const echo = ScriptedLM.make((request) => {
  const prompt = /## prompt ## \]\]\n(.*)\n/.exec(textAt(request, -1))![1]!
  return prompt.startsWith("bad")
    ? ScriptedLM.fail(new LMReason.Authentication({ description: `no key in /home/me/keys for ${prompt}` }))
    : ScriptedLM.chat({ response: `<${prompt}>` }, { tokens: true, usage: { inputTokens: 3, outputTokens: 2 } })
})

describe("llmQuery", () => {
  it.live("asks the model of the turns, under a path of its own, and is counted", () =>
    Effect.gen(function*() {
      const program = Streaming.streamify(RLM.make("text, question -> answer"), {
        streamListeners: [
          StreamListener.make({ signatureFieldName: "code", predictName: "generate_action" }),
          StreamListener.make({ signatureFieldName: "response", predictName: "llm_query" })
        ]
      })
      const reply = (fields: Record<string, string>) =>
        ScriptedLM.chat(fields, { tokens: true, usage: { inputTokens: 3, outputTokens: 2 } })
      const code = "submit({ answer: await llmQuery('What is ' + text.slice(0, 1) + '?') })"
      const lm = yield* ScriptedLM.make([reply({ reasoning: "", code }), reply({ response: "A letter." })])
      const events = yield* Stream.runCollect(program(ask)).pipe(Effect.provide(lm.layer))
      const chunks = (path: string) =>
        events.flatMap((event) => event._tag === "StreamResponse" && event.predictName === path ? [event.chunk] : [])
      assert.strictEqual(chunks("generate_action").join(""), code)
      assert.isAbove(chunks("llm_query").length, 1)
      assert.strictEqual(chunks("llm_query").join(""), "A letter.")
      const last = events.at(-1)
      assert(Prediction.isPrediction(last))
      assert.strictEqual(last.answer, "A letter.")
      assert.deepInclude(Prediction.usage(last), { calls: 2, inputTokens: 6, outputTokens: 4 })
      assert.include(textAt((yield* lm.requests)[1], -1), "What is a?")
    }))

  it.live("asks the sub-model where there is one, which is built once", () =>
    Effect.gen(function*() {
      const sub = yield* echo
      let built = 0
      const subModel = Layer.unwrap(Effect.sync(() => {
        built++
        return sub.layer
      }))
      const lm = yield* ScriptedLM.make([
        turn("const one = await llmQuery('1')"),
        turn("submit({ answer: one + await llmQuery('2') })")
      ])
      const { answer } = yield* RLM.make("text, question -> answer", { subModel })(ask).pipe(Effect.provide(lm.layer))
      assert.strictEqual(answer, "<1><2>")
      assert.deepStrictEqual([(yield* lm.requests).length, (yield* sub.requests).length, built], [2, 2, 1])
    }))

  it.live("a sub-model that cannot be built ends the run before a model is asked", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([])
      const subModel = Layer.effect(LM, Effect.fail("no sub-model" as const))
      const error = yield* RLM.make("text, question -> answer", { subModel })(ask).pipe(
        Effect.provide(lm.layer),
        Effect.flip
      )
      assert.strictEqual(error, "no sub-model")
      assert.deepStrictEqual(yield* lm.requests, [])
    }))

  it.live("throws what goes wrong, without what is of this machine, and goes on", () =>
    Effect.gen(function*() {
      const sub = yield* echo
      const { trajectory } = yield* RLM.make("text, question -> answer", { subModel: sub.layer })(ask).pipe(
        Effect.provide(ScriptedLM.layer([
          turn("await llmQuery('bad')"),
          ...["", "' '", "1", "{}", "['a']"].map((prompt) => turn(`await llmQuery(${prompt})`)),
          turn("submit({ answer: await llmQuery('good') })")
        ]))
      )
      const [bad, ...refused] = shape(trajectory).slice(0, -1).map(([, text]) => String(text))
      assert.match(bad!, /^LMError: .*no key in <path> for bad/s)
      for (const text of refused) assert.include(text, "llmQuery takes a prompt: a text that is not empty")
      assert.lengthOf(yield* sub.requests, 2)
    }))
})

describe("llmQueryBatched", () => {
  it.live("gives answers in their order, and a text where a prompt has failed", () =>
    Effect.gen(function*() {
      const sub = yield* echo
      const { trajectory } = yield* RLM.make("text, question -> answer", { subModel: sub.layer })(ask).pipe(
        Effect.provide(ScriptedLM.layer([
          turn("await llmQueryBatched(['1', 'bad', ...text.split(' ')])"),
          turn("await llmQueryBatched([])"),
          turn("await llmQueryBatched('1')"),
          turn("await llmQueryBatched(['1', 2])"),
          turn("submit({ answer: '' })")
        ]))
      )
      const [some, none, ...refused] = shape(trajectory).slice(0, -1)
      assert.match(
        String(some![1]),
        /^=> \["<1>", "\[ERROR\] .*no key in <path> for bad.*", "<a>", "<b>", "<c>", "<d>"\]$/
      )
      assert.deepStrictEqual(none, [false, "=> []"])
      for (const [, text] of refused) assert.include(text, "llmQueryBatched takes a list of prompts")
      assert.lengthOf(yield* sub.requests, 6)
    }))

  it.live("asks so many at the same time, of all that code asks", () =>
    Effect.gen(function*() {
      for (const [llmConcurrency, most] of [[undefined, 8], [3, 3], ["unbounded", 20]] as const) {
        const sub = yield* ScriptedLM.make(() => ScriptedLM.hang(["[[ ## resp"]))
        const program = RLM.make("text, question -> answer", { subModel: sub.layer, llmConcurrency })
        const fiber = yield* Effect.forkChild(
          program(ask).pipe(Effect.provide(ScriptedLM.layer([
            turn(
              "const p = (n) => Array.from({ length: n }, (_, i) => 'p' + i)\n" +
                "await Promise.all([llmQueryBatched(p(10)), ...p(10).map(llmQuery)])"
            )
          ])))
        )
        while ((yield* sub.requests).length < most) yield* Effect.sleep(5)
        yield* Effect.sleep(50)
        assert.lengthOf(yield* sub.requests, most)
        yield* Fiber.interrupt(fiber)
      }
    }))
})

describe("maxLLMCalls", () => {
  it.live("counts each prompt of a run, and what is too much is thrown before it is asked", () =>
    Effect.gen(function*() {
      const sub = yield* echo
      const program = RLM.make("text, question -> answer", { subModel: sub.layer, maxLLMCalls: 3, time: "200 millis" })
      const script = [
        turn("await llmQueryBatched(['1', 'bad'])"),
        turn("await llmQueryBatched(['2', '3'])"),
        turn("await llmQuery('4')"),
        turn("try { await llmQuery('5') } catch ({ message }) { message }"),
        turn("for (;;) llmQuery('again')"),
        turn("submit({ answer: 'known' })")
      ]
      for (let run = 1; run <= 2; run++) {
        const lm = yield* ScriptedLM.make(script)
        const { answer, trajectory } = yield* program(ask).pipe(Effect.provide(lm.layer))
        const rows = shape(trajectory)
        assert.match(
          String(rows[1]),
          /^true,.*llmQueryBatched cannot ask 2 more: 2 of the 3 prompts of this run are used up/
        )
        assert.deepStrictEqual(rows[2], [false, "=> <4>"])
        assert.match(String(rows[3]), /^false,=> llmQuery cannot ask 1 more: 3 of the 3 prompts/)
        assert.isTrue(rows[4]![0])
        assert.strictEqual(answer, "known")
        assert.include(textAt((yield* lm.requests)[0], 0), "At most 3 prompts may be asked.")
        // A run has its own count.
        assert.lengthOf(yield* sub.requests, 3 * run)
      }
    }))
})

describe("what code has asked", () => {
  it.live("ends when the run is interrupted", () =>
    Effect.gen(function*() {
      const sub = yield* ScriptedLM.make(() => ScriptedLM.hang(["[[ ## resp"]))
      const program = RLM.make("text, question -> answer", { subModel: sub.layer })
      const fiber = yield* Effect.forkChild(
        program(ask).pipe(
          Effect.provide(ScriptedLM.layer([turn("await llmQueryBatched(text.split(' '))")]))
        )
      )
      while ((yield* sub.requests).length < 4) yield* Effect.sleep(5)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* sub.interrupted, 4)
    }))

  it.live("ends when the outputs are submitted, or its code has thrown", () =>
    Effect.gen(function*() {
      const sub = yield* ScriptedLM.make(() => ScriptedLM.hang(["[[ ## resp"]))
      const program = RLM.make("text, question -> answer", { subModel: sub.layer })
      const { answer } = yield* program(ask).pipe(
        Effect.provide(ScriptedLM.layer([
          turn("llmQuery('1'); await null; throw new Error('enough')"),
          turn("llmQuery('2'); submit({ answer: 'enough' })")
        ]))
      )
      assert.strictEqual(answer, "enough")
      assert.strictEqual(yield* sub.interrupted, (yield* sub.requests).length)
    }))
})

describe("as a module", () => {
  it.effect("its predictors are those of the turns, of the end, and of what code asks", () =>
    Effect.gen(function*() {
      const program = RLM.make("text, question -> answer", { subModel: (yield* echo).layer })
      assert.deepStrictEqual(Object.keys(program.signatures), ["generate_action", "extract", "llm_query"])
      const told = Module.mapPredictors(program, (predict, path) => Predict.withInstructions(predict, `I am ${path}.`))
      const loaded = yield* Module.load(program, yield* Module.save(told))
      assert.strictEqual(String(loaded.signatures.llm_query.instructions), "I am llm_query.")
    }))

  it.live("keeps telling what code can use, whatever its instructions are", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([turn("submit({ answer: '' })")])
      const told = Module.mapPredictors(RLM.make("text, question -> answer"), (predict) =>
        Predict.withInstructions(predict, "Find it."))
      yield* told(ask).pipe(Effect.provide(lm.layer))
      for (const word of ["Find it.", "llmQueryBatched(prompts)", "submit({ answer })"]) {
        assert.include(textAt((yield* lm.requests)[0], 0), word)
      }
    }))
})
