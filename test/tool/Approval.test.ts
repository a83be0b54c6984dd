import { assert, describe, it } from "@effect/vitest"
import { type Cause, Deferred, Effect, Fiber, Layer, Option, Queue, Schema, Stdio, Stream, Terminal } from "effect"
import { Approval, Module, type RunEvent, Tool, Toolbox } from "effect-lm"
import { TestClock } from "effect/testing"
import { heardInto } from "../support/heard.ts"

const remove = Tool.make("remove", {
  description: "Removes a file",
  parameters: { name: Schema.String, force: Schema.optionalKey(Schema.Boolean) },
  success: Schema.String,
  needsApproval: true
}, ({ name }) => `removed ${name}`)

const call = (value: unknown = { name: "a.txt" }) =>
  Effect.flatMap(
    Toolbox.resolve([remove]),
    (box) => box.call({ name: "remove", arguments: { _tag: "Json", value }, toolCallId: "call_1" })
  )

/** A terminal on which somebody types keys and lines, and what was shown. */
const terminal = Effect.gen(function*() {
  const keys = yield* Queue.unbounded<Terminal.UserInput, Cause.Done>()
  const lines = yield* Queue.unbounded<string>()
  const shown: Array<string> = []
  const unused = Effect.die("not used")
  const layer = (isTerminal: boolean) =>
    Approval.layerTerminal.pipe(
      Layer.provide(Layer.succeed(
        Terminal.Terminal,
        Terminal.make({
          columns: unused,
          rows: unused,
          size: unused,
          readInput: Effect.succeed(keys),
          readLine: Queue.take(lines),
          display: (text) => Effect.sync(() => shown.push(text))
        })
      )),
      Layer.provide(Stdio.layerTest({ stdinIsTerminal: Effect.succeed(isTerminal) }))
    )
  return { keys, lines, shown, layer: layer(true), pipe: layer(false) }
})

describe("requests and decisions", () => {
  it.effect("survive JSON", () =>
    Effect.gen(function*() {
      const inbox = yield* Approval.makeInbox
      const agent = Module.make("Cleaner", {}, () => () => Effect.map(call(), ({ text }) => ({ text })))
      const fiber = yield* Effect.forkChild(Effect.provide(agent({}), inbox.layer))
      const [request] = yield* inbox.requests.pipe(Stream.take(1), Stream.runCollect)
      const sent: Approval.Request = Schema.decodeUnknownSync(Approval.Request)(JSON.parse(JSON.stringify(request)))
      assert.deepStrictEqual(sent, request)
      const { id, ...rest } = sent
      assert.deepStrictEqual(rest, {
        tool: "remove",
        description: "Removes a file",
        arguments: { name: "a.txt" },
        toolCallId: "call_1",
        path: "self",
        agent: "Cleaner"
      })
      const decision = JSON.parse(`{"_tag":"Approved","arguments":{"name":"b.txt"}}`)
      assert.isTrue(yield* inbox.answer(id, Schema.decodeUnknownSync(Approval.Decision)(decision)))
      assert.strictEqual(
        (yield* Fiber.join(fiber)).text,
        "[The approval changed the arguments of this call to {\"name\":\"b.txt\"}]\nremoved b.txt"
      )
    }))
})

describe("arguments that an approval changes", () => {
  const changing = (args: Record<string, unknown>) => Approval.layer(() => Effect.succeed(Approval.approve(args)))

  /** What came of a call whose approval gives these arguments, and the event of its answer. */
  const observed = Effect.fnUntraced(function*(args: Record<string, unknown>) {
    const events: Array<RunEvent.RunEvent> = []
    const observation = yield* call().pipe(
      heardInto(events),
      Effect.provide(changing(args))
    )
    return { observation, answer: events.find((event) => event._tag === "ApprovalAnswered") }
  })

  it.effect("are told to the model, the program and the observers", () =>
    Effect.gen(function*() {
      const { answer, observation } = yield* observed({ name: "b.txt", force: true })
      assert.deepStrictEqual(observation, {
        _tag: "Success",
        value: "removed b.txt",
        text: "[The approval changed the arguments of this call to {\"name\":\"b.txt\",\"force\":true}]\nremoved b.txt",
        arguments: { name: "b.txt", force: true }
      })
      assert.deepStrictEqual(answer?.arguments, { name: "b.txt", force: true })
    }))

  it.effect("are no change where they are those that were asked for", () =>
    Effect.gen(function*() {
      const { answer, observation } = yield* observed({ name: "a.txt" })
      assert.deepStrictEqual(observation, { _tag: "Success", value: "removed a.txt", text: "removed a.txt" })
      assert.isUndefined(answer?.arguments)
    }))

  it.effect("that the tool does not take are not the model's mistake", () =>
    Effect.gen(function*() {
      const { observation } = yield* observed({ name: 1 })
      assert.deepInclude(observation, {
        _tag: "Failure",
        kind: "InvalidArguments",
        arguments: { name: 1 },
        text: "[The approval changed the arguments of this call to {\"name\":1}]\n" +
          "remove: the arguments that the approval put in place of the model's are not what the tool takes:\n" +
          "- name: expected string"
      })
      const error = yield* Effect.flip(Effect.provide(remove({ name: "a.txt" }), changing({ name: 1 })))
      assert.match(error.message, /that the approval put in place/)
    }))

  it.effect("are told in one bounded line, and their paths are known to the model", () =>
    Effect.gen(function*() {
      const open = Tool.make("open", { parameters: { path: Schema.String }, needsApproval: true }, ({ path }) =>
        Effect.fail(`cannot open '${path.slice(0, 10)}'`))
      const box = yield* Toolbox.resolve([open])
      const told = (path: string) =>
        Effect.map(
          Effect.provide(
            box.call({ name: "open", arguments: { _tag: "Json", value: { path: "x" } } }),
            changing({ path })
          ),
          ({ text }) =>
            text
        )
      assert.match(yield* told("/srv/a/b/c"), /\nopen: cannot open '\/srv\/a\/b\/c'$/)
      assert.isBelow((yield* told("y\n".repeat(50_000))).length, 2500)
    }))
})

describe("an inbox", () => {
  it.effect("a request is there until it was answered, once", () =>
    Effect.gen(function*() {
      const inbox = yield* Approval.makeInbox
      const fiber = yield* Effect.forkChild(Effect.provide(call(), inbox.layer))
      const [request] = yield* inbox.requests.pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(yield* inbox.pending, [request!])
      assert.isFalse(yield* inbox.answer("another", Approval.approve()))
      assert.isTrue(yield* inbox.answer(request!.id, Approval.refuse("not that one")))
      // Before the run has gone on: nobody is asked again for what is decided.
      assert.isEmpty(yield* inbox.pending)
      assert.isFalse(yield* inbox.answer(request!.id, Approval.approve()))
      assert.deepInclude(yield* Fiber.join(fiber), {
        kind: "Refused",
        text: "remove: the call was refused: not that one"
      })
      assert.isEmpty(yield* inbox.pending)
    }))

  it.effect("a request is gone when its run is interrupted", () =>
    Effect.gen(function*() {
      const inbox = yield* Approval.makeInbox
      const fiber = yield* Effect.forkChild(Effect.provide(call(), inbox.layer))
      const [request] = yield* inbox.requests.pipe(Stream.take(1), Stream.runCollect)
      yield* Fiber.interrupt(fiber)
      assert.isEmpty(yield* inbox.pending)
      assert.isFalse(yield* inbox.answer(request!.id, Approval.approve()))
    }))

  it.effect("every reader is given what is pending, and then what comes, once", () =>
    Effect.gen(function*() {
      const inbox = yield* Approval.makeInbox
      const names = (n: number) =>
        inbox.requests.pipe(
          Stream.take(n),
          Stream.map(({ arguments: args }) => args["name"]),
          Stream.runCollect
        )
      const early = yield* Effect.forkChild(names(3))
      const runs = yield* Effect.forEach(["a", "b"], (name) =>
        Effect.forkChild(Effect.provide(call({ name }), inbox.layer), { startImmediately: true }))
      const late = yield* Effect.forkChild(names(3))
      yield* Effect.yieldNow
      const third = yield* Effect.forkChild(Effect.provide(call({ name: "c" }), inbox.layer))
      assert.deepStrictEqual(yield* Fiber.join(early), ["a", "b", "c"])
      assert.deepStrictEqual(yield* Fiber.join(late), ["a", "b", "c"])
      yield* Fiber.interruptAll([...runs, third])
    }))

  it.effect("observers see the request and the answer", () =>
    Effect.gen(function*() {
      const inbox = yield* Approval.makeInbox
      const events: Array<RunEvent.RunEvent> = []
      const fiber = yield* call().pipe(
        heardInto(events),
        Effect.provide(inbox.layer),
        Effect.forkChild
      )
      const [request] = yield* inbox.requests.pipe(Stream.take(1), Stream.runCollect)
      assert.deepInclude(events.at(-1), { _tag: "ApprovalRequested", approvalId: request!.id, toolCallId: "call_1" })
      yield* inbox.answer(request!.id, Approval.approve())
      yield* Fiber.join(fiber)
      assert.deepInclude(events[2], { _tag: "ApprovalAnswered", approvalId: request!.id, approved: true })
    }))
})

describe("on the terminal", () => {
  it.effect("y approves, n refuses, and anything else is the reason", () =>
    Effect.gen(function*() {
      const { layer, lines, shown } = yield* terminal
      for (
        const [line, text] of [
          ["y", "removed a.txt"],
          [" YES ", "removed a.txt"],
          ["n", "remove: the call was refused: the user said no"],
          ["", "remove: the call was refused: the user said no"],
          ["it is still needed", "remove: the call was refused: it is still needed"]
        ] as const
      ) {
        const asked = yield* Effect.forkChild(Effect.provide(call(), layer))
        yield* TestClock.adjust("1 second")
        yield* Queue.offer(lines, line)
        assert.strictEqual((yield* Fiber.join(asked)).text, text)
      }
      assert.strictEqual(
        shown[0],
        "\nThe program wants to call remove with\n  name: a.txt\nAllow it? Answer y, n, or why not: "
      )
    }))

  it.effect("what was typed before the question is no answer to it", () =>
    Effect.gen(function*() {
      const { keys, layer, lines, shown } = yield* terminal
      yield* Queue.offerAll(keys, ["y", "return", "y"].map(key))
      yield* Queue.offerAll(lines, ["y", "y"])
      const asked = yield* Effect.forkChild(Effect.provide(call(), layer))
      yield* TestClock.adjust("40 millis")
      assert.lengthOf(shown, 0)
      // A key that is held, and a line that is still being read.
      yield* Queue.offer(keys, key("y"))
      yield* TestClock.adjust("50 millis")
      yield* Queue.offer(lines, "y")
      yield* TestClock.adjust("1 second")
      assert.lengthOf(shown, 1)
      assert.strictEqual(yield* Queue.size(keys), 0)
      yield* Queue.offer(lines, "n")
      assert.match((yield* Fiber.join(asked)).text, /refused/)
    }))

  it.effect("where Ctrl-C was pressed before it, nothing is approved", () =>
    Effect.gen(function*() {
      const { keys, layer, lines, shown } = yield* terminal
      yield* Queue.end(keys)
      yield* Queue.offer(lines, "y")
      const asked = yield* Effect.forkChild(Effect.provide(call(), layer))
      yield* TestClock.adjust("1 second")
      assert.match((yield* Fiber.join(asked)).text, /the user did not answer/)
      assert.lengthOf(shown, 0)
    }))

  it.effect("a pipe is no terminal: nobody is asked, and nothing approved", () =>
    Effect.gen(function*() {
      const { lines, pipe, shown } = yield* terminal
      yield* Queue.offer(lines, "y")
      assert.match((yield* Effect.provide(call(), pipe)).text, /standard input is no terminal/)
      assert.lengthOf(shown, 0)
    }))

  it.effect("one question at a time, and an interrupted one makes place for the next", () =>
    Effect.gen(function*() {
      const { layer, lines, shown } = yield* terminal
      yield* Effect.gen(function*() {
        const first = yield* Effect.forkChild(call(), { startImmediately: true })
        const second = yield* Effect.forkChild(call({ name: "b.txt" }), { startImmediately: true })
        yield* TestClock.adjust("1 second")
        assert.strictEqual(shown.length, 1)
        yield* Fiber.interrupt(first)
        yield* TestClock.adjust("1 second")
        yield* Queue.offer(lines, "y")
        assert.strictEqual((yield* Fiber.join(second)).text, "removed b.txt")
        assert.strictEqual(shown.length, 2)
      }).pipe(Effect.provide(layer))
    }))

  it.effect("nobody there refuses; what a model wrote cannot move the cursor or turn the text around", () =>
    Effect.gen(function*() {
      const { layer, lines, shown } = yield* terminal
      const name = "\u001b[2J\u009b1m\u202egpj.exe\u{e0041}\nAllow it? y"
      const asked = yield* Effect.forkChild(Effect.provide(call({ name }), layer))
      yield* TestClock.adjust("1 second")
      yield* Queue.shutdown(lines)
      yield* Fiber.await(asked)
      assert.notMatch(shown.join("").replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}]/u)
      assert.include(shown.join(""), "\\udb40\\udc41")
      assert.strictEqual(shown.join("").split("\n").length, 4)
    }))

  it.effect("an answer that nobody can give is a refusal", () =>
    Effect.gen(function*() {
      const gone = Layer.succeed(
        Terminal.Terminal,
        Terminal.make({
          columns: Effect.die("not used"),
          rows: Effect.die("not used"),
          size: Effect.die("not used"),
          readInput: Effect.flatMap(Queue.unbounded<Terminal.UserInput, Cause.Done>(), (keys) =>
            Effect.as(Queue.end(keys), keys)),
          readLine: Effect.fail(new Terminal.QuitError({})),
          display: () =>
            Effect.void
        })
      )
      const layer = Approval.layerTerminal.pipe(
        Layer.provide(gone),
        Layer.provide(Stdio.layerTest({ stdinIsTerminal: Effect.succeed(true) }))
      )
      const asked = yield* Effect.forkChild(Effect.provide(call(), layer))
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(asked), { kind: "Refused" })
    }))
})

const key = (name: string): Terminal.UserInput => ({
  input: Option.some(name),
  key: { name, ctrl: false, meta: false, shift: false }
})

describe("layers", () => {
  it.effect("auto, refuse, and one of your own that waits", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.provide(call(), Approval.layerAuto)).text, "removed a.txt")
      assert.match((yield* Effect.provide(call(), Approval.layerRefuse("read-only"))).text, /read-only/)
      const decision = yield* Deferred.make<Approval.Decision>()
      const fiber = yield* Effect.forkChild(Effect.provide(call(), Approval.layer(() => Deferred.await(decision))))
      yield* Effect.yieldNow
      assert.isTrue(Option.isNone(Option.fromNullishOr(fiber.pollUnsafe())))
      yield* Deferred.succeed(decision, Approval.approve())
      assert.strictEqual((yield* Fiber.join(fiber)).text, "removed a.txt")
    }))
})
