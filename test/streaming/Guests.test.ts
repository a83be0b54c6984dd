/** Observers, sinks and hooks are guests of a run: whatever they do, the run goes on, and says what was wrong. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Logger, PubSub, Queue, Ref, Stream } from "effect"
import { Observer, type RunEvent, Status, StatusSink, type StreamEvent, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { program, qa } from "./support/program.ts"

const lm = ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" }, { tokens: true })])

/** The run's answer, and the warnings of it; time passes where the run waits. */
const answered = <E>(self: Effect.Effect<{ readonly answer: string }, E>) =>
  Effect.gen(function*() {
    const warnings: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      if (logLevel === "Warn") warnings.push(String(Array.isArray(message) ? message[0] : message))
    })
    const fiber = yield* Effect.forkChild(Effect.provide(self, Logger.layer([logger])))
    yield* TestClock.adjust("1 minute")
    const { answer } = yield* Fiber.join(fiber)
    return { answer, warnings }
  })

const throws = (): never => {
  throw new Error("it threw")
}

/** What somebody may do who writes plain JavaScript, or has a bug. */
const hang = () => new Promise<void>(() => {})

const deeds: Readonly<Record<string, { readonly does: () => unknown; readonly says?: RegExp }>> = {
  "throws": { does: throws, says: /failed/ },
  "dies": { does: () => Effect.die("a bug"), says: /failed/ },
  "fails": { does: () => Effect.fail("a failure"), says: /failed/ },
  "interrupts itself": { does: () => Effect.interrupt, says: /failed/ },
  "gives nothing": { does: () => undefined },
  "gives something else": { does: () => 7 },
  "gives a promise": { does: () => Promise.resolve() },
  "gives a promise that is rejected": { does: () => Promise.reject(new Error("rejected")), says: /failed/ },
  "hangs": { does: () => Effect.never, says: /has not come back for 3s/ },
  "hangs, and cannot be interrupted": {
    does: () => Effect.uninterruptible(Effect.never),
    says: /has not come back for 3s/
  },
  "gives a promise that hangs": { does: hang, says: /has not come back for 3s/ }
}

const wants: Observer.Interest = { text: () => true, partial: () => false, toolCalls: true }

for (const [what, { does, says }] of Object.entries(deeds)) {
  const check = ({ answer, warnings }: { readonly answer: string; readonly warnings: ReadonlyArray<string> }) => {
    assert.strictEqual(answer, "Yes")
    if (says === undefined) assert.deepStrictEqual(warnings, [])
    else assert.match(warnings[0]!, says)
    // Nobody waits for it twice.
    if (says !== undefined && says.source !== "failed") assert.lengthOf(warnings, 1)
  }

  describe(`what ${what} does not touch the run`, () => {
    it.effect("as an observer", () =>
      Effect.gen(function*() {
        const observer = { interest: () => wants, onEvents: does as Observer.Observer["onEvents"] }
        check(yield* answered(program({ question: "?" }).pipe(Observer.observe(observer), Effect.provide(lm))))
      }))

    it.effect("as a sink", () =>
      Effect.gen(function*() {
        const sink = Layer.succeed(StatusSink, { send: does as Status.Sink["send"] })
        const provider = { lmStart: () => "asking", moduleEnd: () => "done" }
        const reported = program({ question: "?" }).pipe(Status.report(provider), Effect.provide([lm, sink]))
        check(yield* answered(reported))
        const streamed = Streaming.streamify(program, { statusMessageProvider: provider })({ question: "?" }).pipe(
          Stream.runLast,
          Effect.map((last) => (last as { readonly value: { readonly answer: string } }).value),
          Effect.provide([lm, sink])
        )
        check(yield* answered(streamed))
      }))
  })
}

it.live("a promise that is rejected while another guest is waited for does not end the process", () =>
  Effect.gen(function*() {
    const asked = qa({ question: "?" }).pipe(
      Observer.observe({ interest: () => undefined, onEvents: () => Effect.sleep("1 millis") }),
      Observer.observe({ interest: () => undefined, onEvents: (() => Promise.reject(new Error("rejected"))) as never })
    )
    assert.strictEqual((yield* Effect.provide(asked, [lm, Logger.layer([])])).answer, "Yes")
  }))

describe("an interest", () => {
  const interests: Readonly<Record<string, () => unknown>> = {
    "that throws": throws,
    "that gives something else": () => 7,
    "that rejects": () => Promise.reject(new Error("no")),
    "that throws about a field": () => ({ ...wants, text: throws })
  }
  for (const [what, interest] of Object.entries(interests)) {
    it.effect(`${what} wants no deltas, and does not touch the run`, () =>
      Effect.gen(function*() {
        const heard: Array<string> = []
        const observer: Observer.Observer = {
          interest: interest as Observer.Observer["interest"],
          onEvents: (events) => Effect.sync(() => void heard.push(...events.map(({ _tag }) => _tag)))
        }
        const { answer, warnings } = yield* answered(
          program({ question: "?" }).pipe(Observer.observe(observer), Effect.provide(lm))
        )
        assert.strictEqual(answer, "Yes")
        assert.deepStrictEqual(warnings, ["the interest of an observer failed"])
        assert.notInclude(heard, "FieldDelta")
        assert.include(heard, "ModuleEnd")
      }))
  }
})

describe("a hook", () => {
  const hooks: Readonly<Record<string, () => unknown>> = {
    "throws": throws,
    "gives a number": () => 7,
    "is async": () => Promise.reject(new Error("rejected"))
  }
  for (const [what, hook] of Object.entries(hooks)) {
    it.effect(`that ${what} sends nothing, and does not touch the run`, () =>
      Effect.gen(function*() {
        const sent = yield* Ref.make<ReadonlyArray<string>>([])
        const { answer, warnings } = yield* answered(
          program({ question: "?" }).pipe(
            Status.report({
              lmStart: hook as () => string,
              lmEnd: () => "read",
              toolStart: () => "",
              toolEnd: () => ""
            }),
            Effect.provide([lm, Status.layer(({ message }) => Ref.update(sent, (all) => [...all, message]))])
          )
        )
        assert.strictEqual(answer, "Yes")
        assert.deepStrictEqual(warnings, ["a status message hook failed"])
        assert.deepStrictEqual(yield* Ref.get(sent), ["read"])
      }))
  }
})

describe("who slows a run down on purpose", () => {
  it.effect("says how long it may take, and hears of everything; the next run is another one", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(() => ScriptedLM.chat({ answer: "Yes" }))
      const slow = (timeout: number | undefined) => {
        const heard: Array<RunEvent.RunEvent["_tag"]> = []
        const observer: Observer.Observer = {
          interest: () => undefined,
          onEvents: (events) =>
            Effect.delay(Effect.sync(() => void heard.push(...events.map(({ _tag }) => _tag))), "4 seconds"),
          timeout
        }
        return {
          heard,
          run: answered(qa({ question: "?" }).pipe(Observer.observe(observer), Effect.provide(lm.layer)))
        }
      }
      const all = ["ModuleStart", "LMStart", "LMEnd", "ModuleEnd"]
      for (const timeout of [Infinity, 5000]) {
        const patient = slow(timeout)
        assert.deepStrictEqual((yield* patient.run).warnings, [])
        assert.deepStrictEqual(patient.heard, all)
      }
      const usual = slow(undefined)
      for (const _ of [1, 2]) {
        assert.match((yield* usual.run).warnings.join(), /^an observer of the run has not come back/)
      }
      assert.deepStrictEqual(usual.heard, [])
    }))

  /** Where messages go for which there may be no room, and how to read one. */
  const bounded = {
    queue: Effect.map(Queue.bounded<StreamEvent.StatusMessage>(1), (queue) => ({
      layer: Status.layerQueue(queue),
      read: Queue.take(queue)
    })),
    PubSub: Effect.gen(function*() {
      const pubsub = yield* PubSub.bounded<StreamEvent.StatusMessage>(1)
      const subscription = yield* PubSub.subscribe(pubsub)
      return { layer: Status.layerPubSub(pubsub), read: PubSub.take(subscription) }
    })
  }
  for (const [what, sink] of Object.entries(bounded)) {
    it.effect(`a full ${what} is one: the run waits for room, and no message is lost`, () =>
      Effect.gen(function*() {
        const { layer, read } = yield* sink
        const provider = { lmStart: () => "one", lmEnd: () => "two", toolStart: () => "zero", toolEnd: () => "" }
        const fiber = yield* program({ question: "?" }).pipe(
          Status.report(provider),
          Effect.provide([lm, layer]),
          Effect.forkChild
        )
        const messages: Array<string> = []
        for (let n = 0; n < 3; n++) {
          yield* TestClock.adjust("1 hour")
          if (n < 2) assert.isUndefined(fiber.pollUnsafe())
          messages.push((yield* read).message)
        }
        assert.deepStrictEqual(messages, ["zero", "one", "two"])
        assert.strictEqual((yield* Fiber.join(fiber)).answer, "Yes")
      }))
  }

  it.effect("law 3: an interruption ends the run, also where somebody cannot be interrupted", () =>
    Effect.gen(function*() {
      const called = yield* Deferred.make<void>()
      const fiber = yield* program({ question: "?" }).pipe(
        Observer.observe({
          interest: () => undefined,
          onEvents: () => Effect.uninterruptible(Effect.andThen(Deferred.succeed(called, undefined), Effect.never))
        }),
        Effect.provide(lm),
        Effect.forkChild
      )
      yield* Deferred.await(called)
      const interrupted = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(interrupted)
    }))
})
