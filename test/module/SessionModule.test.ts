/** A session is a module: inside of others and of itself, streamed, and what cannot have one. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import {
  AsyncProgram,
  ChainOfThought,
  History,
  InputError,
  type LM,
  Module,
  Observer,
  Predict,
  ReAct,
  type RunEvent,
  Session,
  Signature,
  Streaming,
  StreamListener
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { rows, textAt } from "../support/said.ts"

const qa = Predict.make("question, history: History -> answer")

const answers = (...texts: ReadonlyArray<string>) => texts.map((answer) => ScriptedLM.chat({ answer }))

describe("a call inside of a call of the same session", () => {
  /** A program with a tool that does something with the session that the program is part of. */
  const nested = <A, E>(act: (chat: Session.Session<any, any, any, LM, any>) => Effect.Effect<A, E, LM>) =>
    Effect.gen(function*() {
      const chat: { current?: Session.Session<any, any, any, LM, any> } = {}
      const program = Module.withSignature(
        Module.make(
          "Nested",
          { qa },
          ({ qa }) =>
            Effect.fnUntraced(function*(input: { readonly question: string; readonly history?: History.History }) {
              if (input.question === "outer") yield* act(chat.current!)
              return yield* qa({ history: History.empty, ...input })
            })
        ),
        Signature.make("question, history: History -> answer")
      )
      return chat.current = yield* Session.make(program)
    })
  const inner = { question: "inner" }

  const ways: Readonly<
    Record<string, (chat: Session.Session<any, any, any, LM, any>) => Effect.Effect<unknown, unknown, LM>>
  > = {
    "itself": (chat) => chat(inner),
    "through a copy": (chat) =>
      Module.mapPredictors(chat, (predict) => Predict.withInstructions(predict, "Short."))(inner),
    "streamed": (chat) => Stream.runDrain(Streaming.streamify(chat)(inner)),
    "in a fiber": (chat) => Effect.flatMap(Effect.forkChild(chat(inner)), (fiber) => Fiber.join(fiber))
  }
  for (const [way, call] of Object.entries(ways)) {
    it.effect(`${way}: is an error that says so, before anything is sent`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make(answers("later"))
        const chat = yield* nested(call)
        const error = yield* Effect.flip(Effect.provide(chat({ question: "outer" }), lm.layer))
        assert.instanceOf(error, InputError)
        assert.include(String(error), "history: is not known yet")
        assert.strictEqual((yield* lm.requests).length, 0)
        yield* Effect.provide(chat(inner), lm.layer)
        assert.deepStrictEqual((yield* chat.history).messages, [{ question: "inner", answer: "later" }])
      }))
  }

  it.effect("of a fork, or of the program, is one like any other", () =>
    Effect.gen(function*() {
      const chat = yield* nested((chat) => Effect.flatMap(chat.fork, (fork) => fork(inner)))
      yield* chat({ question: "outer" })
      assert.deepStrictEqual((yield* chat.history).messages, [{ question: "outer", answer: "b" }])
    }).pipe(Effect.provide(ScriptedLM.layer(answers("a", "b")))))

  it.effect("that was begun there, and goes on when that is over, waits for nobody", () =>
    Effect.gen(function*() {
      const over = yield* Deferred.make<void>()
      const late = yield* Deferred.make<unknown, unknown>()
      const chat = yield* nested((chat) =>
        Effect.forkDetach(
          Effect.andThen(Deferred.await(over), Deferred.into(chat(inner), late))
        )
      )
      yield* chat({ question: "outer" })
      yield* Deferred.succeed(over, undefined)
      assert.propertyVal(yield* Deferred.await(late), "answer", "b")
      assert.strictEqual((yield* chat.history).messages.length, 2)
    }).pipe(Effect.provide(ScriptedLM.layer(answers("a", "b")))))

  it.effect("which clears it, begins anew at once; the call is not part of it", () =>
    Effect.gen(function*() {
      const chat = yield* nested((chat) => chat.clear)
      yield* chat(inner)
      assert.strictEqual((yield* chat({ question: "outer" })).answer, "b")
      assert.deepStrictEqual(yield* chat.history, History.empty)
      yield* chat(inner)
      assert.deepStrictEqual((yield* chat.history).messages, [{ question: "inner", answer: "c" }])
    }).pipe(Effect.provide(ScriptedLM.layer(answers("a", "b", "c")))))
})

describe("a session is a module", () => {
  const composed = Module.make(
    "Assistant",
    {
      rewrite: Predict.make("question, history: History -> query"),
      respond: ChainOfThought.make("query, question, history: History -> answer")
    },
    ({ respond, rewrite }) =>
      Effect.fnUntraced(function*(input: { readonly question: string; readonly history?: History.History }) {
        const { query } = yield* rewrite(input)
        return yield* respond({ ...input, query })
      })
  )
  const assistant = Module.withSignature(composed, Signature.make("question, history: History -> answer"))
  const script = [
    ScriptedLM.chat({ query: "q1" }),
    ScriptedLM.chat({ reasoning: "r1", answer: "a1" }),
    ScriptedLM.chat({ query: "q2" }),
    ScriptedLM.chat({ reasoning: "r2", answer: "a2" })
  ]

  it.effect("with the name, the predictors and the paths of its program, and a signature without the history", () =>
    Effect.gen(function*() {
      const chat = yield* Session.make(assistant)
      assert.isTrue(Module.isModule(chat))
      assert.strictEqual(chat.name, "Assistant")
      assert.deepStrictEqual(chat.signatures, assistant.signatures)
      assert.strictEqual(String(chat.signature), "question -> answer")
      assert.strictEqual(chat.signature!.instructions, assistant.signature!.instructions)
      assert.deepStrictEqual(Object.keys((yield* Session.make(qa)).signatures), ["self"])
    }))

  it.effect("whose program is composed: every step is told what was said", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(script)
      const chat = yield* Session.make(assistant)
      yield* Effect.provide(chat({ question: "1?" }), lm.layer)
      const prediction = yield* Effect.provide(chat({ question: "2?" }), lm.layer)
      assert.deepStrictEqual({ ...prediction }, { reasoning: "r2", answer: "a2" })
      // The log has what the program's signature says, not what its steps said to each other.
      assert.deepStrictEqual(yield* chat.history, {
        messages: [{ question: "1?", answer: "a1" }, { question: "2?", answer: "a2" }]
      })
      const [, , rewrite, respond] = yield* lm.requests
      assert.strictEqual(textAt(rewrite, 2), "Answer: a1")
      assert.include(textAt(respond, 2), "[[ ## answer ## ]]\na1")
    }))

  it.effect("streams, to the listeners of its program; a stream that is left leaves no trace", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ...answers("one"),
        ScriptedLM.hang(["[[ ## answer ## ]]\ntw"]),
        ScriptedLM.chat({ answer: "three" }, { tokens: true })
      ])
      const chat = yield* Session.make(qa)
      const streaming = Streaming.streamify(chat, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "self" })]
      })
      const text = (question: string, most = Infinity) =>
        streaming({ question }).pipe(
          Stream.take(most),
          Stream.runFold(() => "", (text, event) => event._tag === "StreamResponse" ? text + event.chunk : text),
          Effect.provide(lm.layer)
        )
      assert.strictEqual(yield* text("1"), "one")
      assert.strictEqual(yield* text("2", 1), "tw")
      assert.strictEqual(yield* text("3"), "three")
      assert.deepStrictEqual((yield* chat.history).messages, [
        { question: "1", answer: "one" },
        { question: "3", answer: "three" }
      ])
      assert.strictEqual((yield* lm.requests)[2]!.messages.length, 4)
    }))

  it.effect("is one call in the events of a run, which tell the inputs that were given", () =>
    Effect.gen(function*() {
      const starts: Array<RunEvent.RunEvent> = []
      const chat = yield* Session.make(qa)
      yield* chat({ question: "?" }).pipe(
        Observer.observe({
          interest: () => undefined,
          onEvents: (events) =>
            Effect.sync(() => void starts.push(...events.filter(({ _tag }) => _tag === "ModuleStart")))
        })
      )
      assert.deepStrictEqual(
        starts.map((event) => event._tag === "ModuleStart" ? [event.call.path, event.call.name, event.inputs] : []),
        [["self", "Predict", { question: "?" }]]
      )
    }).pipe(Effect.provide(ScriptedLM.layer(answers("a")))))

  it.effect("whose program is an agent that called no tool: its answers are said again", () =>
    Effect.gen(function*() {
      const turn = ScriptedLM.chat({ next_thought: "known", next_tool_name: "finish", next_tool_args: {} })
      const lm = yield* ScriptedLM.make([
        turn,
        ScriptedLM.chat({ reasoning: "r1", answer: "a1" }),
        turn,
        ScriptedLM.chat({ reasoning: "r2", answer: "a2" })
      ])
      const agent = ReAct.make("question, history: History -> answer", { tools: [], toolCalls: "text" })
      const chat = yield* Session.make(agent)
      yield* Effect.provide(chat({ question: "1?" }), lm.layer)
      const { answer, trajectory } = yield* Effect.provide(chat({ question: "2?" }), lm.layer)
      assert.deepStrictEqual([answer, trajectory.length], ["a2", 1])
      assert.deepStrictEqual(yield* chat.history, {
        messages: [{ question: "1?", answer: "a1" }, { question: "2?", answer: "a2" }]
      })
      const [first, , react, extract] = yield* lm.requests
      assert.deepStrictEqual(react!.messages.slice(0, 2), first!.messages)
      assert.strictEqual(textAt(react, 2), "Answer: a1")
      assert.include(textAt(react, 3), "2?")
      assert.strictEqual(rows(extract!.messages).filter(([, text]) => text.includes("1?")).length, 1)
    }))

  it.effect("is part of other modules, and is the same conversation in all of them", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(answers("a", "b", "c"))
      const chat = yield* Session.make(qa)
      const outer = Module.make("Outer", { chat }, ({ chat }) => (input: { readonly question: string }) => chat(input))
      assert.deepStrictEqual(Object.keys(outer.signatures), ["chat"])
      yield* Effect.provide(outer({ question: "1" }), lm.layer)
      yield* chat.pipe(Module.provide(lm.layer))({ question: "2" })
      const terse = Module.mapPredictors(chat, (predict) => Predict.withInstructions(predict, "Be brief."))
      yield* Effect.provide(terse({ question: "3" }), lm.layer)
      assert.deepStrictEqual((yield* chat.history).messages.map(({ question }) => question), ["1", "2", "3"])
      assert.deepStrictEqual(yield* terse.history, yield* chat.history)
      assert.strictEqual(terse.signature!.instructions, "Be brief.")
      assert.include(textAt((yield* lm.requests)[2], 0), "Be brief.")
    }))

  it.live("works outside of Effect", () =>
    Effect.promise(async () => {
      await using chat = AsyncProgram.make(
        Effect.runSync(Session.make(qa)),
        ScriptedLM.layer(answers("one", "two"))
      )
      assert.strictEqual((await chat.acall({ question: "1" })).answer, "one")
      let text = ""
      for await (const event of chat.stream({ question: "2" })) if (event._tag === "StreamResponse") text += event.chunk
      assert.strictEqual(text, "two")
    }))
})

describe("a program that cannot have a session", () => {
  it("is a compile error, and throws", () => {
    // @ts-expect-error the program has no input of the type History
    assert.throws(() => Session.make(Predict.make("question -> answer")), /a History, such as 'history: History'$/)
    const alike = Predict.make("question, history: list[str] -> answer")
    // @ts-expect-error an input of that name is not yet a History
    assert.throws(() => Session.make(alike), /Predict \(question, history -> answer\): a session needs an input/)
    const unsigned = Module.make(
      "Unsigned",
      { qa },
      ({ qa }) => (input: { readonly question: string; readonly history: History.History }) => qa(input)
    )
    assert.throws(() => Session.make(unsigned), /Unsigned: .*Module\.withSignature/)
  })
})
