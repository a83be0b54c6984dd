/**
 * Law 3, at any moment: programs of every kind are interrupted at every tenth operation of their run, over real sockets, and
 * leave no fiber, no open request, no timer and no worker. About 20 seconds.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scheduler, Stream } from "effect"
import {
  Blocking,
  ChainOfThought,
  type LM,
  Module,
  ModuleTool,
  OpenAI,
  Predict,
  ReAct,
  Session,
  Streaming,
  Tool
} from "effect-lm"
import * as WireServer from "./support/wireServer.ts"
import type * as Work from "./worker/fixtures/work.ts"

// A model

interface Asked {
  readonly messages: ReadonlyArray<{ readonly role: string; readonly content: string }>
  readonly tools?: ReadonlyArray<unknown>
  readonly tool_choice?: string
  readonly response_format?: unknown
}

type Delta = Readonly<Record<string, unknown>>

const sections = (fields: Readonly<Record<string, unknown>>): string =>
  [...Object.entries(fields).map(([name, value]) => `[[ ## ${name} ## ]]\n${value}`), "[[ ## completed ## ]]"].join(
    "\n\n"
  )

const text = (content: string): ReadonlyArray<Delta> => content.match(/[^]{1,20}/g)!.map((content) => ({ content }))

const calling = (name: string, args: object): ReadonlyArray<Delta> => [
  { content: "Let me see." },
  { tool_calls: [{ index: 0, id: "call_1", function: { name, arguments: JSON.stringify(args) } }] }
]

/** An agent's model: calls a tool, then is done, then answers. */
const agent = (name: string, args: object) => ({ messages, tool_choice, tools }: Asked): ReadonlyArray<Delta> =>
  tools === undefined
    ? text(sections({ translation: "Salut" }))
    : tool_choice === "none"
    ? text(sections({ reasoning: "so it is", answer: "yes" }))
    : messages.some(({ role }) => role === "tool")
    ? text("I know it.")
    : calling(name, args)

// The programs

type Program = Effect.Effect<unknown, unknown, never>

interface Case {
  readonly reply: (asked: Asked) => ReadonlyArray<Delta>
  readonly run: Effect.Effect<unknown, unknown, LM>
}

const qa = Predict.make("question -> answer")
const counted = Predict.make("question -> n: int")
const both = Module.make(
  "Both",
  {
    left: ChainOfThought.make("question -> answer"),
    right: ChainOfThought.make("question -> answer")
  },
  ({ left, right }) => (input: { readonly question: string }) =>
    Effect.map(Effect.all([left(input), right(input)], { concurrency: "unbounded" }), ([{ answer }]) => ({ answer }))
)
const now = Tool.make("now", { timeout: "5 seconds" }, () => Effect.as(Effect.sleep(1), "12:00"))
const translate = ModuleTool.make(Predict.make("text -> translation"), { name: "translate" })
const work = Blocking.module<typeof Work>(new URL("./worker/fixtures/work.ts", import.meta.url))
const fib = Tool.make("fib", {}, () => work("fib")({ n: 5 }))

const drained = <I>(program: Module.Module<I, unknown, unknown, LM, never>, input: I) =>
  Stream.runDrain(Streaming.streamify(program as Module.Any)(input)) as Effect.Effect<
    unknown,
    unknown,
    LM
  >

const question = { question: "Why?" }

const cases: Readonly<Record<string, Case>> = {
  "Predict": { reply: () => text(sections({ answer: "Because it is." })), run: drained(qa as never, question) },
  "a repair": {
    reply: ({ messages }) => text(sections({ n: messages.some(({ role }) => role === "assistant") ? 3 : "many" })),
    run: drained(counted as never, question)
  },
  "Chat, then JSON": {
    reply: ({ response_format }) => text(response_format === undefined ? "I do not know." : `{"answer": "Because."}`),
    run: drained(qa as never, question)
  },
  "a module with branches": {
    reply: () => text(sections({ reasoning: "so it is", answer: "yes" })),
    run: drained(both as never, question)
  },
  "a session": {
    reply: () => text(sections({ answer: "yes" })),
    run: Effect.gen(function*() {
      const chat = yield* Session.make(Predict.make("question, history: History -> answer"))
      yield* chat(question)
      return yield* chat(question)
    })
  },
  "a module as a tool": {
    reply: agent("translate", { text: "Hello" }),
    run: drained(ReAct.make("question -> answer", { tools: [translate] }) as never, question)
  },
  "an agent": {
    reply: agent("now", {}),
    run: drained(ReAct.make("question -> answer", { tools: [now] }) as never, question)
  },
  "a function in a worker thread": {
    reply: agent("fib", {}),
    run: drained(ReAct.make("question -> answer", { tools: [fib] }) as never, question)
  }
}

// Interruptions

/** Counts the operations of all fibers of a run, and interrupts its first fiber at one of them. */
class Counting extends Scheduler.MixedScheduler {
  readonly fibers = new Set<Fiber.Fiber<unknown, unknown>>()
  operations = 0
  root: Fiber.Fiber<unknown, unknown> | undefined
  readonly #at: number

  constructor(at: number) {
    super()
    this.#at = at
  }

  override shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    this.fibers.add(fiber)
    this.operations++
    if (this.operations === this.#at) this.root?.interruptUnsafe()
    return super.shouldYield(fiber)
  }
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length
const ports = () => process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length

/** Waits for the event loop to come round until this holds; says whether it has. */
const soon = (holds: () => boolean): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    for (let turn = 0; turn < 2_000 && !holds(); turn++) await new Promise((resolve) => setImmediate(resolve))
    return holds()
  })

const runAt = Effect.fnUntraced(function*(program: Program, at: number, open: () => number, before: number) {
  const scheduler = new Counting(at)
  const fiber = Effect.runFork(program, { scheduler })
  scheduler.root = fiber
  const exit = yield* Fiber.await(fiber)
  const isOver = scheduler.operations < at
  const what = `at operation ${at} of ${scheduler.operations}`
  if (isOver) assert.isTrue(Exit.isSuccess(exit), what)
  const left = () => [...scheduler.fibers].filter((fiber) => fiber.pollUnsafe() === undefined).length
  assert.isTrue(yield* soon(() => left() === 0), `${left()} fibers are left, ${what}`)
  assert.isTrue(yield* soon(() => open() === 0), `${open()} requests are left, ${what}`)
  assert.isTrue(yield* soon(() => timers() <= before), `${timers() - before} timers are left, ${what}`)
  return isOver
})

describe("a run that is interrupted at every tenth operation leaves nothing", () => {
  for (const [name, { reply, run }] of Object.entries(cases)) {
    it.live(name, () =>
      Effect.scoped(Effect.gen(function*() {
        let open = 0
        const server = yield* WireServer.make((exchange) =>
          Effect.gen(function*() {
            open++
            const answering = Effect.gen(function*() {
              yield* exchange.head(200, WireServer.eventStream)
              for (const delta of reply(exchange.request.json)) yield* exchange.write(WireServer.chunk(delta))
              yield* exchange.write(WireServer.chunk({}, { finish_reason: "stop" }), WireServer.done)
              yield* exchange.end
              return yield* Effect.never
            })
            yield* Effect.raceFirst(answering, exchange.closed)
            open--
          })
        )
        const portsBefore = ports()
        const services = yield* Layer.build(Layer.merge(
          OpenAI.layer({ model: "wire-1", baseUrl: server.baseUrl, retry: false }),
          Blocking.layer({ size: 1 })
        ))
        const program = Effect.provideContext(run, services)
        // What is loaded and connected when it is first used is there from here on.
        yield* program
        yield* soon(() => open === 0)
        const before = timers()
        let at = 1
        while (!(yield* runAt(program, at, () => open, before))) at += 10
        assert.isAbove(at, 100, "there was something to interrupt")
        assert.isAtMost(ports() - portsBefore, 2, "one worker at most")
      })), 60_000)
  }

  it.live("and its worker threads end with their layer", () =>
    Effect.gen(function*() {
      assert.isTrue(yield* soon(() => ports() === 0), `${ports()} ports are open`)
    }))
})
