/** How soon the server sees that its client has gone, for each way of leaving a stream. */
import { Effect, Fiber, Stream } from "effect"
import { AsyncProgram, Predict, Streaming } from "effect-lm"
import type { ChildProcess } from "node:child_process"
import { median, print, round } from "./measure.ts"
import { layer } from "./support.ts"

const now = () => performance.timeOrigin + performance.now()

export const closing = async (baseUrl: string, server: ChildProcess): Promise<void> => {
  const lm = layer(baseUrl, "endless")
  const qa = Predict.make("question -> answer")
  const streaming = Streaming.streamify(qa)({ question: "?" })
  await using program = AsyncProgram.make(qa, lm)
  const run = <A>(effect: Effect.Effect<A, unknown>) => Effect.runPromise(effect)

  /** Each way of leaving tells when it left. */
  const ways: Readonly<Record<string, () => Promise<number>>> = {
    break: async () => {
      let left = 0
      for await (const _ of program.stream({ question: "?" })) {
        left = now()
        break
      }
      return left
    },
    take: async () => {
      let left = 0
      await run(streaming.pipe(
        Stream.tap(() => Effect.sync(() => left = now())),
        Stream.take(1),
        Stream.runDrain,
        Effect.provide(lm)
      ))
      return left
    },
    timeout: async () => {
      const started = now()
      await run(streaming.pipe(Stream.runDrain, Effect.timeoutOption("100 millis"), Effect.provide(lm)))
      return started + 100
    },
    interrupt: async () => {
      let left = 0
      await run(Effect.gen(function*() {
        const fiber = yield* streaming.pipe(Stream.runDrain, Effect.provide(lm), Effect.forkChild)
        yield* Effect.sleep("100 millis")
        left = now()
        yield* Fiber.interrupt(fiber)
      }))
      return left
    }
  }

  print("closing", "median ms", "most ms")
  for (const [name, leave] of Object.entries(ways)) {
    const times: Array<number> = []
    for (let i = 0; i < 20; i++) {
      const closed = new Promise<number>((resolve) =>
        server.once("message", (message) => resolve((message as { readonly closedAt: number }).closedAt))
      )
      const left = await leave()
      times.push(await closed - left)
    }
    print(`  ${name}`, round(median(times), 1), round(Math.max(...times), 1))
  }
}
