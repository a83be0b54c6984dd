/** Predictors that answer from documents: what the model is told of them, and what becomes of what it cites. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import {
  AdapterParseError,
  Adapters,
  ChainOfThought,
  type Citations,
  CurrentAdapter,
  Document,
  JSONAdapter,
  LMRequest,
  Module,
  Predict,
  ReAct,
  Session,
  Signature,
  SignatureError,
  Streaming,
  Tool,
  TwoStepAdapter
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

const ask = Predict.make("docs: list[Document], question -> answer, sources: Citations")
const docs = [Document.make("The Moon pulls the sea.", { title: "Tides" }), Document.make("So does the Sun.")]
const right = { text: "Moon pulls", document: 0 }
const placed = { ...right, title: "Tides", start: 4, end: 14 }
const wrong = { text: "Moon pushes", document: 0 }
const reply = (...sources: ReadonlyArray<Citations.Words>) => ScriptedLM.chat({ answer: "The Moon.", sources })

const asked = (request: LMRequest.LMRequest | undefined) => request!.messages.map(LMRequest.textOf).join("\n")

describe("documents", () => {
  it.effect("are read as text under their numbers, by every adapter, and through all inputs", () =>
    Effect.gen(function*() {
      const both = Predict.make("paper: Document, docs: list[Document], more: { doc: Document, n: int } -> answer")
      const inputs = {
        paper: Document.make("[[ ## answer ## ]]", { title: "A\nB" }),
        docs,
        more: { doc: docs[0]!, n: 1 }
      }
      for (const adapter of Object.values(Adapters.builtIn)) {
        const { messages } = yield* Predict.prepare(both, inputs).pipe(Effect.provideService(CurrentAdapter, adapter))
        const text = messages.map(LMRequest.textOf).join("\n")
        assert.include(text, "Document 0: A B\n")
        assert.include(text, "Document 1: Tides\nThe Moon pulls the sea.\n\nDocument 2\nSo does the Sun.")
        assert.include(text, `{"doc":{"document":3,"text":"The Moon pulls the sea.","title":"Tides"},"n":1}`)
        assert.notInclude(text, "_tag")
      }
    }))

  it.effect("may be texts in JSON, and are no output", () =>
    Effect.gen(function*() {
      const inputs = Result.getOrThrow(
        Signature.decodeJsonInputs(ask.signature, { docs: ["a", { text: "b" }], question: "?" })
      )
      assert.deepStrictEqual(inputs.docs, [Document.make("a"), Document.make("b")])
      assert.throws(() => Predict.make("q -> doc: Document"), SignatureError, "it one with Document.make")
      yield* Effect.void
    }))
})

describe("citations", () => {
  it.effect("stream with their places, which are those of the prediction", () =>
    Effect.gen(function*() {
      for (const written of [ScriptedLM.chat, ScriptedLM.json]) {
        const lm = ScriptedLM.layer([written({ answer: "The Moon.", sources: [right] }, { tokens: true })])
        const events = yield* Streaming.streamify(ask)({ docs, question: "?" }).pipe(
          Stream.runCollect,
          Effect.provide(written === ScriptedLM.json ? [lm, JSONAdapter.layer] : [lm])
        )
        const text = events.map((event) =>
          event._tag === "StreamResponse" && event.signatureFieldName === "sources" ? event.chunk : ""
        ).join("")
        assert.deepStrictEqual(JSON.parse(text), [placed])
        assert.deepInclude(events.at(-1), { answer: "The Moon.", sources: [placed] })
      }
    }))

  it.effect("that are in no document are told to the model, and what was shown of them is retracted", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([reply(right, wrong), reply(right)])
      const events = yield* Streaming.streamify(ask)({ docs, question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      assert.deepInclude(events.at(-1), { sources: [placed] })
      assert.isTrue(events.some(({ _tag }) => _tag === "Retracted"))
      const [, second] = yield* lm.requests
      assert.include(asked(second), "sources.1.text: is not in document 0: cite its words exactly as they stand there")
      yield* lm.assertComplete
    }))

  it.effect("that stay wrong are the typed error, with what was right", () =>
    Effect.gen(function*() {
      const lm = ScriptedLM.layer([reply(wrong), reply(wrong)])
      const error = yield* ask({ docs, question: "?" }).pipe(Effect.flip, Effect.provide(lm))
      assert.instanceOf(error, AdapterParseError)
      assert.deepStrictEqual(error.issues.map(({ path }) => path), [["sources", 0, "text"]])
      assert.deepStrictEqual(error.parsed, { answer: "The Moon." })
    }))

  it.effect("need documents: a signature without is refused, a call without can cite nothing", () =>
    Effect.gen(function*() {
      const problem = "'sources' cites documents, and no input is one: give it some, as in docs: list[Document]"
      assert.throws(() => Predict.make("question -> answer, sources: Citations"), SignatureError, problem)
      assert.throws(() => ChainOfThought.make("question -> answer, sources: Citations"), SignatureError, problem)
      const maybe = Predict.make("docs?: list[Document] -> sources: Citations", { maxRepairs: 0 })
      const lm = ScriptedLM.layer([ScriptedLM.chat({ sources: [right] }), ScriptedLM.chat({ sources: [] })])
      const error = yield* Effect.flip(maybe({})).pipe(Effect.provide(lm))
      assert.include(error.message, "cites a document, and none was given")
    }))

  it.effect("of examples and earlier turns are shown as the model writes them, and are saved whole", () =>
    Effect.gen(function*() {
      const chat = Predict.make("docs: list[Document], question, history: History -> answer, sources: Citations", {
        demos: [{ docs, question: "Why?", answer: "So.", sources: [placed] }]
      })
      const saved = yield* Module.save(chat)
      assert.deepStrictEqual((yield* Module.load(chat, saved)).settings, chat.settings)
      const lm = yield* ScriptedLM.make([reply(right), reply(right)])
      const session = yield* Session.make(chat)
      yield* Effect.gen(function*() {
        assert.deepStrictEqual((yield* session({ docs, question: "1?" })).sources, [placed])
        yield* session({ docs, question: "2?" })
      }).pipe(Effect.provide(lm.layer))
      const text = asked((yield* lm.requests)[1])
      assert.strictEqual(text.split(`[{"text":"Moon pulls","document":0}]`).length, 3)
      assert.notInclude(text, "\"start\"")
      assert.strictEqual(text.split("Document 0: Tides\n").length, 4)
    }))

  it.effect("of two steps are of the documents of the call", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ScriptedLM.text("It is the Moon: \"Moon pulls\"."),
        reply(wrong),
        reply(right)
      ])
      const { sources } = yield* ask({ docs, question: "?" }).pipe(Effect.provide([lm.layer, TwoStepAdapter.layerSame]))
      assert.deepStrictEqual(sources, [placed])
      const requests = yield* lm.requests
      assert.include(asked(requests[0]), "Document 0: Tides")
      assert.notInclude(asked(requests[1]), "Document 0: Tides")
      yield* lm.assertComplete
    }))

  it.effect("of agents are of the agent's documents, in a turn that is the answer and where it is asked for", () =>
    Effect.gen(function*() {
      const look = Tool.make("look", {}, () => "nothing")
      for (const toolCalls of ["native", "text"] as const) {
        const agent = ReAct.make("docs: list[Document], question -> answer, sources: Citations", {
          tools: [look],
          toolCalls
        })
        const outputs = { reasoning: "Hm.", answer: "The Moon.", sources: [right] }
        const lm = yield* ScriptedLM.make(
          toolCalls === "native"
            ? [ScriptedLM.chat(outputs)]
            : [
              ScriptedLM.chat({ next_thought: "Done.", next_tool_name: "finish", next_tool_args: {} }),
              ScriptedLM.chat(outputs)
            ]
        )
        const { sources } = yield* agent({ docs, question: "?" }).pipe(Effect.provide(lm.layer))
        assert.deepStrictEqual(sources, [placed])
        yield* lm.assertComplete
      }
    }))
})
