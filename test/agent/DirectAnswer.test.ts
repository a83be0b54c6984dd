/** An agent's turn that is the answer: how many requests it takes, what streams of it, and what takes it back. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import {
  JSONAdapter,
  type LMRequest,
  Module,
  Observer,
  PlainAdapter,
  Predict,
  Prediction,
  ReAct,
  type RunEvent,
  type StreamEvent,
  Streaming,
  StreamListener,
  Tool
} from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { inPieces, splits } from "../adapter/support/decode.ts"
import { forms } from "../support/adapters.ts"
import { rows, textAt } from "../support/said.ts"
import { predictionIn, textOf } from "./support/agents.ts"

const add = Tool.make("add", { parameters: { a: Schema.Finite, b: Schema.Finite } }, ({ a, b }) => a + b)
const agent = ReAct.make("question -> answer: int", { tools: [add] })

const calls = [{ id: "x", name: "add", arguments: { a: 1, b: 2 } }]
const call = ScriptedLM.toolCalls(calls)
const fields = { reasoning: "so it is", answer: 3 }
const whole = ScriptedLM.chat(fields)

const paid = { usage: { inputTokens: 100, outputTokens: 10 } }

/** What came of each field of each call, `|` at its end, and what was taken back, in brackets. */
const story = (
  events: ReadonlyArray<{ readonly _tag: string } | StreamEvent.StreamResponse | StreamEvent.Retracted>
) => {
  const lines: Array<string> = []
  let open = ""
  for (const event of events) {
    if ("signatureFieldName" in event) {
      const source = `${event.callId} ${event.signatureFieldName}`
      if (source === open) lines[lines.length - 1] += event.chunk
      else lines.push(`${source}: ${event.chunk}`)
      if (event.isLastChunk) lines[lines.length - 1] += "|"
      open = source
    } else if ("reason" in event) lines.push(`[${event.callId} ${event.fields.join()}: ${event.reason}]`)
  }
  return lines
}

/** Everything that a run streams, and its last event. */
const streamed = Effect.fnUntraced(function*(lm: ScriptedLM.ScriptedLM["layer"]) {
  const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(Stream.runCollect, Effect.provide(lm))
  const prediction = predictionIn(events)
  return { story: story(events), prediction, details: Prediction.details(prediction) }
})

describe("how many requests it takes", () => {
  it.effect("one tool turn takes two, none takes one", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([call, whole, whole])
      yield* Effect.gen(function*() {
        const two = yield* agent({ question: "?" })
        assert.deepStrictEqual(Prediction.fields(two), {
          ...fields,
          trajectory: [
            {
              iteration: 1,
              thought: "",
              calls: [{ id: "x", tool: "add", arguments: { a: 1, b: 2 }, observation: "3", isFailure: false }]
            },
            { iteration: 2, thought: "", calls: [] }
          ]
        })
        assert.strictEqual(Prediction.usage(two).calls, 2)
        const one = yield* agent({ question: "?" })
        assert.strictEqual(Prediction.usage(one).calls, 1)
        assert.deepInclude(Prediction.details(one), { endReason: "answered", reply: textOf(whole) })
        assert.deepStrictEqual(Prediction.completions(one), [Prediction.fields(one)])
      }).pipe(Effect.provide(lm.layer))
      yield* lm.assertComplete
    }))

  it.effect("what stands before the answer is the last thought", () =>
    Effect.gen(function*() {
      const said = `I know it.\n\n${textOf(whole)}`
      const { trajectory } = yield* agent({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([ScriptedLM.text(said)]))
      )
      assert.deepStrictEqual(trajectory, [{ iteration: 1, thought: "I know it.", calls: [] }])
    }))

  const thought = ScriptedLM.text("I know it.")
  const demos = [{ reasoning: "r", answer: 1 }] as never // of the outputs of `extract`
  const asked: ReadonlyArray<readonly [string, (typeof agent), Layer.Layer<never>, string]> = [
    ["with `extract: true`", ReAct.make("question -> answer: int", { tools: [add], extract: true }), Layer.empty, "3"],
    ["where the adapter has no form", agent, PlainAdapter.layer, "3"],
    [
      "where examples show the outputs",
      Module.mapPredictors(
        agent,
        (predict, path) =>
          path === "extract"
            ? Predict.withDemos(predict, demos)
            : predict
      ),
      Layer.empty,
      "3"
    ]
  ]
  for (const [when, agent, layer] of asked) {
    it.effect(`${when}, the outputs are asked for by themselves`, () =>
      Effect.gen(function*() {
        const extracted = layer === PlainAdapter.layer ? ScriptedLM.json(fields) : whole
        const replies = layer === PlainAdapter.layer ? [thought, ScriptedLM.text("3"), extracted] : [thought, extracted]
        const lm = yield* ScriptedLM.make(replies)
        const prediction = yield* agent({ question: "?" }).pipe(Effect.provide([lm.layer, layer]))
        assert.strictEqual(prediction.answer, 3)
        assert.strictEqual(Prediction.details(prediction).endReason, "finished")
        assert.notInclude(textAt((yield* lm.requests)[0], 0), "reasoning")
        yield* lm.assertComplete
      }))
  }

  it.effect("a model that only says that it knows is asked, and so is one that has had all its turns", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([thought, whole, call, whole])
      const reasons = yield* Effect.gen(function*() {
        return [
          Prediction.details(yield* agent({ question: "?" })).endReason,
          Prediction.details(yield* agent({ question: "?" }, { maxIterations: 1 })).endReason
        ]
      }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(reasons, ["finished", "maxIterations"])
      yield* lm.assertComplete
    }))
})

describe("what is sent", () => {
  for (const { adapter, format, layer, name } of forms) {
    it.effect(`${name}: the form and the tools from the first turn on, all of it again in each, and no response format`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make([call, call, format(fields)])
        yield* agent({ question: "?" }).pipe(Effect.provide(Layer.merge(lm.layer, layer)))
        const requests = yield* lm.requests
        assert.lengthOf(requests, 3)
        assert.include(textAt(requests[0], 0), adapter.form!.reply(agent.signatures.extract.outputFields)!)
        assert.include(textAt(requests[0], 1), "Call the tools that help.")
        requests.forEach(({ messages, responseFormat, tools }, index) => {
          assert.deepStrictEqual(responseFormat, { _tag: "Text" })
          assert.deepStrictEqual(tools?.map(({ name }) => name), ["add"])
          const before: LMRequest.LMRequest["messages"] = requests[index - 1]?.messages ?? []
          assert.deepStrictEqual(messages.slice(0, before.length), before)
        })
      }))
  }

  it.effect("instructions of `extract` are told with those of `react`", () =>
    Effect.gen(function*() {
      const told = Module.mapPredictors(agent, (predict, path) => Predict.withInstructions(predict, `SHOUT ${path}.`))
      const lm = yield* ScriptedLM.make([whole])
      yield* told({ question: "?" }).pipe(Effect.provide(lm.layer))
      const system = textAt((yield* lm.requests)[0], 0)
      for (const path of ["react", "extract"]) assert.include(system, `SHOUT ${path}.`)
    }))
})

describe("law 1: in every split a turn comes to the same, streamed or whole", () => {
  const thoughts = [
    "",
    "I know it.",
    "`add` gave 3 [sic]; 1 < 2 {so}.\n\n- one\n# two\n**three**",
    `a [ ${"b".repeat(300)} < c {`
  ]
  for (const { format, layer, name } of forms) {
    it.effect(name, () =>
      Effect.gen(function*() {
        for (const thought of thoughts) {
          const text = `${thought}${thought === "" ? "" : "\n\n"}${textOf(format({ reasoning: "a 🎈 b", answer: 3 }))}`
          const run = (pieces: ReadonlyArray<string>) =>
            Effect.map(
              Effect.provide(streamed(ScriptedLM.layer([ScriptedLM.chunks(pieces)])), layer),
              ({ prediction, story }) => ({ story, prediction })
            )
          const expected = [
            `self@1.react next_thought: ${thought}|`,
            "self@1.extract reasoning: a 🎈 b|",
            "self@1.extract answer: 3|"
          ]
          const all = text.length > 300 ? [1, 2, 3, 7, 1000].map((size) => inPieces(text, [size])) : splits(text)
          for (const pieces of all) {
            const { prediction, story } = yield* run(pieces)
            assert.deepStrictEqual(story, expected, JSON.stringify(pieces))
            assert.deepStrictEqual(
              Prediction.fields(prediction),
              { reasoning: "a 🎈 b", answer: 3, trajectory: [{ iteration: 1, thought, calls: [] }] }
            )
          }
          const whole = yield* agent({ question: "?" }).pipe(
            Effect.provide(Layer.merge(layer, ScriptedLM.layer([ScriptedLM.text(text)])))
          )
          assert.strictEqual(whole.trajectory[0]!.thought, thought)
        }
      }))
  }

  it.effect("a thought streams as it comes where nothing in it looks like a form", () =>
    Effect.gen(function*() {
      const pieces = ["I add", " them", " - at", " once."]
      const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
        Stream.take(3),
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.hang(pieces)]))
      )
      assert.deepStrictEqual(
        events.map((event) => event._tag === "StreamResponse" && event.chunk),
        ["I add", " them", " - at"]
      )
    }))
})

describe("what takes an answer back", () => {
  const begun = textOf(whole).slice(0, 60)

  it.effect("tool calls behind it (law 7): its call ends as left, and the next is heard in its place", () =>
    Effect.gen(function*() {
      const both = ScriptedLM.toolCalls(calls, { text: `Hm. ${begun}`, tokens: true })
      const lm = yield* ScriptedLM.make([both, ScriptedLM.chat(fields, { tokens: true })])
      const { prediction, story } = yield* streamed(lm.layer)
      assert.deepStrictEqual(story, [
        "self@1.react next_thought: Hm.|",
        "self@1.extract reasoning: so it is|",
        "self@1.extract answer: |",
        "[self@1.extract reasoning,answer: the model calls a tool instead]",
        "self@2.react next_thought: |",
        "self@2.extract reasoning: so it is|",
        "self@2.extract answer: 3|"
      ])
      assert.deepStrictEqual(prediction.trajectory.map(({ thought }) => thought), ["Hm.", ""])
      yield* lm.assertComplete
    }))

  it.effect("values that cannot be read: the model is told which, and asked for the outputs", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.chat({ reasoning: "r", answer: "three" }), whole])
      const { details, prediction, story } = yield* streamed(lm.layer)
      assert.strictEqual(prediction.answer, 3)
      assert.strictEqual(details.endReason, "finished")
      assert.deepStrictEqual(story.map((line) => line.replace(/: .*/, "")), [
        "self@1.react next_thought",
        "self@1.extract reasoning",
        "self@1.extract answer",
        "[self@1.extract reasoning,answer",
        "self@2.extract reasoning",
        "self@2.extract answer"
      ])
      const requests = yield* lm.requests
      assert.match(textAt(requests[1], -1), /answer: .*number/i)
      assert.deepStrictEqual(rows(requests[1]!.messages).slice(0, 2), rows(requests[0]!.messages))
    }))

  it.effect("a failure (law 4): what came stays, and is in the error", () =>
    Effect.gen(function*() {
      const down = new LMErrors.Server({ description: "down" })
      for (
        const reply of [ScriptedLM.fail(down, [`Hm. ${begun}`]), ScriptedLM.text(`Hm. ${begun}`, { finish: "length" })]
      ) {
        const events: Array<{ readonly _tag: string }> = []
        const error = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
          Stream.runForEach((event) => Effect.sync(() => events.push(event))),
          Effect.flip,
          Effect.provide(ScriptedLM.layer([reply]))
        )
        if (error._tag !== "LMError") return assert.fail(error._tag)
        assert.deepStrictEqual(error.partial, { next_thought: "Hm.", reasoning: "so it is", answer: "" })
        assert.deepStrictEqual(story(events).slice(0, 2), [
          "self@1.react next_thought: Hm.|",
          "self@1.extract reasoning: so it is|"
        ])
        assert.isFalse(story(events).some((line) => line.startsWith("[")))
      }
    }))

  it.effect("a reply that begins anew", () =>
    Effect.gen(function*() {
      const { prediction, story } = yield* streamed(ScriptedLM.layer([ScriptedLM.events([
        [{ _tag: "TextDelta", index: 0, text: `Hm. ${begun}` }],
        [{ _tag: "Restart" }],
        [{ _tag: "TextDelta", index: 0, text: textOf(whole) }],
        [{ _tag: "Finish", index: 0, reason: "stop" }]
      ])]))
      assert.strictEqual(prediction.answer, 3)
      assert.isTrue(story.some((line) => line.startsWith("[self@1.extract reasoning")))
      assert.strictEqual(story.filter((line) => line.endsWith("answer: 3|")).length, 1)
    }))
})

describe("the model's own thinking", () => {
  it.effect("is the reasoning of a turn that is the answer, and of no other", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls(calls, { text: "I add.", reasoning: ["Let me", " see."] }),
        ScriptedLM.text("[[ ## answer ## ]]\n3\n\n[[ ## completed ## ]]", { tokens: true, reasoning: ["It is", " 3."] })
      ])
      const { details, prediction, story } = yield* streamed(lm.layer)
      assert.deepStrictEqual(story, [
        "self@1.react next_thought: I add.|",
        "self@2.react next_thought: |",
        "self@2.extract reasoning: It is 3.|",
        "self@2.extract answer: 3|"
      ])
      assert.strictEqual(prediction.reasoning, "It is 3.")
      assert.strictEqual(details.reasoning, "It is 3.")
    }))
})

describe("who listens", () => {
  const heard = (listeners: ReadonlyArray<"answer" | "reasoning">, script: ReadonlyArray<ScriptedLM.Reply>) =>
    Streaming.streamify(agent, {
      streamListeners: listeners.map((signatureFieldName) => StreamListener.make({ signatureFieldName }))
    })({ question: "?" }).pipe(
      Stream.runCollect,
      Effect.map(story),
      Effect.provide(ScriptedLM.layer(script))
    )

  it.effect("to the answer alone hears it as it comes, by its path, in its own call", () =>
    Effect.gen(function*() {
      const text = ScriptedLM.chat(fields, { tokens: true })
      assert.deepStrictEqual(yield* heard(["answer"], [call, text]), ["self@2.extract answer: 3|"])
      assert.deepStrictEqual(yield* heard(["reasoning"], [call, call, text]), ["self@3.extract reasoning: so it is|"])
      // Turns that might have been the answer are not the first call that it listens to.
      assert.deepStrictEqual(yield* heard(["answer"], [ScriptedLM.text("I know."), text]), [
        "self@2.extract answer: 3|"
      ])
    }))

  it.effect("to everything hears of a call with a start and an end; a turn without an answer has none", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const watched = agent({ question: "?" }).pipe(
        Observer.observe({
          interest: () => undefined,
          onEvents: (events: ReadonlyArray<RunEvent.RunEvent>) =>
            Effect.sync(() => {
              for (const event of events) {
                if (event._tag === "ModuleStart") seen.push(`+${event.call.place}`)
                if (event._tag === "ModuleEnd") seen.push(`-${event.call.place} ${event.outcome._tag}`)
              }
            })
        }),
        Effect.provide(ScriptedLM.layer([call, ScriptedLM.chat(fields, paid)]))
      )
      assert.deepStrictEqual(Prediction.usage(yield* watched).inputTokens, 100)
      assert.deepStrictEqual(seen, [
        "+self",
        "+self@1.react",
        "-self@1.react Success",
        "+self@2.react",
        "+self@2.extract",
        "-self@2.extract Success",
        "-self@2.react Success",
        "-self Success"
      ])
    }))

  it.effect("the JSON adapter's object, as partial values", () =>
    Effect.gen(function*() {
      const lists = ReAct.make("question -> answer: list[int]", { tools: [add] })
      const events = yield* Streaming.streamify(lists, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer", partial: true })]
      })({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide([
          ScriptedLM.layer([ScriptedLM.json({ reasoning: "r", answer: [1, 2] }, { tokens: true })]),
          JSONAdapter.layer
        ])
      )
      const values = events.flatMap((event) => event._tag === "PartialResponse" ? [event.value] : [])
      assert.deepStrictEqual(values.at(-1), [1, 2])
    }))
})
