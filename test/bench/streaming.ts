/** Tokens per second, and CPU per token, of a two-field streamified `Predict` beside the SDK's own `for await`. */
import { Effect, type Layer, ManagedRuntime, Stream } from "effect"
import { ChatAdapter, JSONAdapter, Predict, Streaming, StreamListener, XMLAdapter } from "effect-lm"
import type OpenAI from "openai"
import { interleave, print, round } from "./measure.ts"
import { layer, sdk } from "./support.ts"

const adapters: Readonly<Record<string, Layer.Layer<never>>> = {
  chat: ChatAdapter.layer,
  json: JSONAdapter.layer,
  xml: XMLAdapter.layer
}

const program = Streaming.streamify(Predict.make("question -> reasoning, answer"), {
  streamListeners: [
    StreamListener.make({ signatureFieldName: "reasoning" }),
    StreamListener.make({ signatureFieldName: "answer" })
  ]
})

const bare = (client: OpenAI, model: string) => async () => {
  let length = 0
  const stream = await client.chat.completions.create({
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: "user", content: "?" }]
  })
  for await (const chunk of stream) length += chunk.choices[0]?.delta.content?.length ?? 0
  if (length === 0) throw new Error("nothing came")
}

export const streaming = async (baseUrl: string): Promise<void> => {
  const client = sdk(baseUrl)
  print("streaming", "tokens/s", "CPU us/token", "beside the SDK", "CPU, 100k / 5k")
  const perToken = new Map<string, number>()
  for (const count of [5_000, 100_000]) {
    const runtimes = Object.keys(adapters).map((form) => ({
      form,
      runtime: ManagedRuntime.make(layer(baseUrl, `${form}-${count}`))
    }))
    const run = (form: string, runtime: (typeof runtimes)[number]["runtime"]) => async () => {
      let chunks = 0
      await runtime.runPromise(
        program({ question: "?" }).pipe(
          Stream.runForEachArray((events) =>
            Effect.sync(() => {
              for (const event of events) if (event._tag === "StreamResponse") chunks++
            })
          ),
          Effect.provide(adapters[form]!)
        )
      )
      if (chunks < count / 2) throw new Error(`${chunks} chunks`)
    }
    const costs = await interleave({
      "openai SDK": bare(client, `chat-${count}`),
      ...Object.fromEntries(runtimes.map(({ form, runtime }) => [form, run(form, runtime)]))
    }, count > 50_000 ? 5 : 15)
    const reference = costs["openai SDK"]
    for (const [name, cost] of Object.entries(costs)) {
      const cpu = cost.cpuMicros / count
      const before = perToken.get(name)
      perToken.set(name, cpu)
      print(
        `  ${name}, ${round(count)} tokens`,
        round(count / cost.wallMillis * 1000),
        round(cpu, 2),
        `${round(reference.wallMillis / cost.wallMillis, 2)}x`,
        before === undefined ? "" : `${round(cpu / before, 2)}x`
      )
    }
    await Promise.all(runtimes.map(({ runtime }) => runtime.dispose()))
  }
}
