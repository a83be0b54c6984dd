/** Time from the call to the first piece of a field beside the SDK's first delta. */
import { ManagedRuntime, Stream } from "effect"
import { Predict, Streaming } from "effect-lm"
import { median, print, round } from "./measure.ts"
import { layer, sdk } from "./support.ts"

const program = Streaming.streamify(Predict.make("question -> reasoning, answer"))

export const firstDelta = async (baseUrl: string): Promise<void> => {
  const client = sdk(baseUrl)
  const model = "chat-200"
  const runtime = ManagedRuntime.make(layer(baseUrl, model))
  const bare = async () => {
    const started = performance.now()
    const stream = await client.chat.completions.create({
      model,
      stream: true,
      messages: [{ role: "user", content: "?" }]
    })
    let first = 0
    for await (const chunk of stream) {
      if (first === 0 && (chunk.choices[0]?.delta.content ?? "") !== "") first = performance.now() - started
    }
    return first
  }
  const ours = async () => {
    const started = performance.now()
    let first = 0
    await runtime.runPromise(Stream.runForEachArray(program({ question: "?" }), (events) => {
      if (first === 0 && events.some((event) => event._tag === "StreamResponse")) first = performance.now() - started
      return Stream.runDrain(Stream.empty)
    }))
    return first
  }
  const times: { readonly bare: Array<number>; readonly ours: Array<number> } = { bare: [], ours: [] }
  for (let i = 0; i < 220; i++) {
    const a = await bare()
    const b = await ours()
    if (i >= 20) {
      times.bare.push(a)
      times.ours.push(b)
    }
  }
  print("first delta", "median ms", "later than the SDK")
  print("  openai SDK", round(median(times.bare), 2))
  print(
    "  streamified Predict",
    round(median(times.ours), 2),
    `${round(median(times.ours) - median(times.bare), 2)} ms`
  )
  await runtime.dispose()
}
