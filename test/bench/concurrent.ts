/**
 * A thousand streams at once, of a model that writes steadily: the memory of each, and how soon its first delta comes. None of them
 * ends before all have begun.
 */
import { Effect, ManagedRuntime, Stream } from "effect"
import { Predict, Streaming } from "effect-lm"
import type OpenAI from "openai"
import { print, round, used } from "./measure.ts"
import { layer, sdk } from "./support.ts"

const streams = 1_000
const program = Streaming.streamify(Predict.make("question -> answer"))

/** Runs that tell when their first delta has come: what they cost while all of them are under way. */
const measure = async (
  name: string,
  run: (onFirst: () => void) => Promise<unknown>,
  release: () => Promise<unknown>
): Promise<void> => {
  const before = used()
  const cpu = process.cpuUsage()
  const started = performance.now()
  const firsts: Array<number> = []
  let during = 0
  await Promise.all(Array.from({ length: streams }, () =>
    run(() => {
      firsts.push(performance.now() - started)
      if (firsts.length < streams) return
      during = used()
      void release()
    })))
  const { system, user } = process.cpuUsage(cpu)
  firsts.sort((a, b) => a - b)
  print(
    `  ${name}`,
    round((during - before) / streams / 1024, 1),
    round(firsts[streams >> 1]!),
    round(firsts[Math.floor(streams * 0.99)]!),
    round((user + system) / 1000)
  )
}

const bare = (client: OpenAI) => async (onFirst: () => void) => {
  let begun = false
  const stream = await client.chat.completions.create({
    model: "crowd",
    stream: true,
    messages: [{ role: "user", content: "?" }]
  })
  for await (const chunk of stream) {
    if (!begun && chunk.choices[0]?.delta.content) {
      begun = true
      onFirst()
    }
  }
}

export const concurrent = async (baseUrl: string): Promise<void> => {
  const client = sdk(baseUrl)
  const runtime = ManagedRuntime.make(layer(baseUrl, "crowd"))
  const streamed = (onFirst: () => void) => {
    let begun = false
    return runtime.runPromise(
      program({ question: "?" }).pipe(Stream.runForEachArray((events) =>
        Effect.sync(() => {
          if (!begun && events.some((event) => event._tag === "StreamResponse")) {
            begun = true
            onFirst()
          }
        })
      ))
    )
  }
  const release = () =>
    fetch(`${baseUrl}/chat/completions`, { method: "POST", body: JSON.stringify({ model: "release", messages: [] }) })
  print(`${round(streams)} streams at once`, "KB/stream", "first, ms p50", "first, ms p99", "CPU ms, all")
  for (let i = 0; i < 2; i++) {
    await measure("openai SDK", bare(client), release)
    await measure("streamify", streamed, release)
  }
  await runtime.dispose()
}
