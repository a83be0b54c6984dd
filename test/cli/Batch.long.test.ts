/** effect-lm batch as a process: many rows, and an end at any moment (`python3` must be there). Two minutes. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import * as WireServer from "../support/wireServer.ts"
import { folder, type Line, ndjson, questionOf } from "./batchFolder.ts"
import { type Running, start } from "./processes.ts"
import { startOnTerminal } from "./terminals.ts"

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => ({ question: `row ${i}` }))

const linesOf = (count: number): ReadonlyArray<Line> =>
  Array.from({ length: count }, (_, index) => ({ index, fields: { answer: `re row ${index}` } }))

/** A server that repeats the question, once it is let; it counts. */
const makeServer = Effect.fnUntraced(function*(
  hold: (question: string, nth: number) => Effect.Effect<void> = () => Effect.void
) {
  const asked: Array<string> = []
  const waiters = new Set<() => void>()
  let active = 0
  let most = 0
  let held = 0
  const server = yield* WireServer.make((exchange) =>
    Effect.gen(function*() {
      const question = questionOf(JSON.stringify(exchange.request.json.messages.at(-1).content).replaceAll("\\n", "\n"))
      asked.push(question)
      most = Math.max(most, ++active)
      held++
      for (const wake of waiters) wake()
      yield* hold(question, asked.length)
      held--
      active--
      yield* WireServer.json(
        200,
        WireServer.completion({
          role: "assistant",
          content: `[[ ## answer ## ]]\nre ${question}\n\n[[ ## completed ## ]]`
        })
      )(exchange)
    })
  )
  const until = (holds: () => boolean): Effect.Effect<void> =>
    Effect.callback((resume) => {
      const wake = () => {
        if (holds()) resume(Effect.void)
      }
      waiters.add(wake)
      wake()
      return Effect.sync(() => void waiters.delete(wake))
    })
  return {
    server,
    asked,
    most: () => most,
    /** Waits until so many requests have come. */
    cameTo: (count: number) => until(() => asked.length >= count),
    /** Waits until so many requests have no answer. */
    holds: (count: number) => until(() => held >= count),
    /** Those that had no answer never get one: their client has gone. */
    forget: () => {
      active = 0
      held = 0
    }
  }
})

describe("effect-lm batch as a process", { timeout: 300_000 }, () => {
  it.live("10,000 rows: the concurrency is held, and memory stays flat, also while one row has no answer", () =>
    Effect.gen(function*() {
      const { lines, path, write } = yield* folder
      write("rows.ndjson", ndjson(rowsOf(10_000)))
      const hanging = yield* Deferred.make<void>()
      const first = yield* Deferred.make<void>()
      const later = yield* Deferred.make<void>()
      const { asked, cameTo, holds, most, server } = yield* makeServer((question, nth) =>
        question === "row 50"
          ? Deferred.await(hanging)
          : nth <= 64
          ? Deferred.await(first)
          : nth > 5000
          ? Deferred.await(later)
          : Effect.void
      )
      const running = yield* start(
        server,
        [
          "batch",
          "question -> answer",
          "--concurrency",
          "64",
          "--input",
          `${path}/rows.ndjson`,
          "--output",
          `${path}/out`
        ],
        { env: { NODE_OPTIONS: "--expose-gc --import=./test/cli/fixtures/heap.ts" } }
      )
      let heaps = 0
      const heap = Effect.gen(function*() {
        yield* running.signal("SIGUSR2")
        yield* running.said("heap ", ++heaps)
        return Number(running.stderr().split("heap ").at(-1)!.split("\n")[0])
      })
      yield* holds(64)
      yield* Deferred.succeed(first, undefined)
      yield* cameTo(1050)
      const waiting = yield* heap
      // Nothing is begun that is further ahead.
      assert.strictEqual(asked.length, 1050)
      assert.isAtMost(lines("out.part").length, 2001)
      yield* Deferred.succeed(hanging, undefined)
      yield* cameTo(2000)
      const early = yield* heap
      yield* holds(64)
      yield* Deferred.succeed(later, undefined)
      yield* cameTo(9000)
      const late = yield* heap
      assert.strictEqual(yield* running.code, 0, running.stderr())
      assert.isBelow(late - early, 3_000_000)
      assert.isBelow(late - waiting, 3_000_000)
      assert.strictEqual(most(), 64)
      assert.strictEqual(asked.length, 10_000)
      assert.deepStrictEqual(lines("out"), linesOf(10_000))
      assert.include(running.stderr(), "10,000 rows answered, 0 failed")
    }))

  it.live("killed (SIGKILL) while all that may be is under way: exactly that is asked again", () =>
    Effect.gen(function*() {
      const { lines, path, write } = yield* folder
      const count = 300
      const concurrency = 16
      write("rows.ndjson", ndjson(rowsOf(count)))
      let answers = 0
      const { asked, forget, holds, server } = yield* makeServer(() => answers-- > 0 ? Effect.void : Effect.never)
      const args = ["batch", "question -> answer", "--concurrency", String(concurrency)]
      const begin = start(server, [...args, "--input", `${path}/rows.ndjson`, "--output", `${path}/out`])
      let kills = 0
      for (const next of [0, 1, 40, 3, 100, 20]) {
        answers = next
        const running = yield* begin
        // Rows without an answer have all places: all others are on the disk.
        yield* holds(concurrency)
        yield* running.signal("SIGKILL")
        yield* running.code
        forget()
        kills++
      }
      answers = Infinity
      const last = yield* begin
      assert.strictEqual(yield* last.code, 0, last.stderr())
      assert.deepStrictEqual(lines("out"), linesOf(count))
      assert.strictEqual(asked.length, count + kills * concurrency)
    }))

  it.live("killed (SIGKILL) anywhere: no more is asked again than may be under way", () =>
    Effect.gen(function*() {
      const { lines, path, write } = yield* folder
      const count = 2000
      const concurrency = 8
      write("rows.ndjson", ndjson(rowsOf(count)))
      const { asked, cameTo, forget, server } = yield* makeServer()
      const args = ["batch", "question -> answer", "--concurrency", String(concurrency)]
      const begin = start(server, [...args, "--input", `${path}/rows.ndjson`, "--output", `${path}/out`])
      let kills = 0
      for (const more of [1, 9, 57, 130, 251, 402, 333, 90, 20, 177]) {
        const running = yield* begin
        yield* cameTo(asked.length + more)
        yield* running.signal("SIGKILL")
        yield* running.code
        forget()
        kills++
      }
      const last = yield* begin
      assert.strictEqual(yield* last.code, 0, last.stderr())
      assert.deepStrictEqual(lines("out"), linesOf(count))
      assert.isAtMost(asked.length, count + kills * concurrency)
    }))

  it.live("Ctrl-C exits with 130, closes its requests, and says how to go on", () =>
    Effect.gen(function*() {
      const { lines, path, write } = yield* folder
      write("rows.ndjson", ndjson(rowsOf(10)))
      let answers = 4
      const { asked, holds, server } = yield* makeServer(() => answers-- > 0 ? Effect.void : Effect.never)
      const args = ["batch", "question -> answer", "--concurrency", "3"]
      const begin = start(server, [...args, "--input", `${path}/rows.ndjson`, "--output", `${path}/out`])
      const running = yield* begin
      yield* holds(3)
      yield* running.signal("SIGINT")
      assert.strictEqual(yield* running.code, 130)
      for (let i = 0; i < 3; i++) yield* server.nextAbandoned
      assert.include(running.stderr(), "[Stopped after 4/10 rows: the same command goes on from there]")
      answers = Infinity
      const again: Running = yield* begin
      assert.strictEqual(yield* again.code, 0)
      assert.strictEqual(asked.length, 13)
      assert.deepStrictEqual(lines("out"), linesOf(10))
    }))

  it.live("on a terminal a line says how far it is, and goes in the end", () =>
    Effect.gen(function*() {
      const { path, write } = yield* folder
      write("rows.ndjson", ndjson(rowsOf(10)))
      const gate = yield* Deferred.make<void>()
      const { server } = yield* makeServer((_, nth) => nth > 4 ? Deferred.await(gate) : Effect.void)
      const { code, shown, shows } = yield* startOnTerminal(
        [
          "batch",
          "question -> answer",
          "--concurrency",
          "2",
          "--input",
          `${path}/rows.ndjson`,
          "--output",
          `${path}/out`
        ],
        { OPENAI_BASE_URL: server.baseUrl, NO_COLOR: "1" }
      )
      yield* shows(" 40% 4/10 rows, 0 failed, ")
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* code, 0)
      assert.match(shown(), /rows\/s, 0 tokens *\r *\r/)
      assert.match(shown(), /\[.*out: 10 rows answered, 0 failed; 0 tokens, [\d.]+ s\]\r\n$/)
    }))
})
