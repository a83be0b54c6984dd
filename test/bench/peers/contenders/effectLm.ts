/** effect-lm: its adapters by the form of the reply. */
import { Effect, ManagedRuntime, Schema, Stream } from "effect"
import {
  ChatAdapter,
  JSONAdapter,
  OpenAI,
  Predict,
  ReAct,
  Streaming,
  StreamListener,
  Tool,
  XMLAdapter
} from "../../subject.ts"
import { type Make, oneEach, question } from "../peer.ts"

const inputs = { question }
const adapters = { chat: ChatAdapter.layer, json: JSONAdapter.layer, xml: XMLAdapter.layer }

const qa = Predict.make("question -> answer")

const fields = Streaming.streamify(Predict.make("question -> reasoning, answer"), {
  streamListeners: [
    StreamListener.make({ signatureFieldName: "reasoning" }),
    StreamListener.make({ signatureFieldName: "answer" })
  ]
})

const answer = Streaming.streamify(qa)

const points = Streaming.streamify(Predict.make("question -> reasoning, points: list[str]"), {
  streamListeners: [
    StreamListener.make({ signatureFieldName: "reasoning" }),
    StreamListener.make({ signatureFieldName: "points", partial: true })
  ]
})

const add = Tool.make(
  "add",
  { description: "Adds two numbers", parameters: { a: Schema.Finite, b: Schema.Finite }, success: Schema.Finite },
  ({ a, b }) => a + b
)
const agent = ReAct.make("question -> answer", { tools: [add] })

export const make: Make = (baseUrl, form) => {
  const runtime = oneEach((model) => ManagedRuntime.make(OpenAI.layer({ model, baseUrl })))
  const adapter = adapters[form as keyof typeof adapters]

  const stream = async (model: string, onFirst: () => void) => {
    let length = 0
    const show = (events: ReadonlyArray<{ readonly _tag: string; readonly chunk?: string }>) =>
      Effect.sync(() => {
        for (const event of events) {
          if (event._tag !== "StreamResponse" || event.chunk === "") continue
          if (length === 0) onFirst()
          length += event.chunk!.length
        }
      })
    const shown = model.startsWith("crowd")
      ? Stream.runForEachArray(answer(inputs), show)
      : Stream.runForEachArray(fields(inputs), show)
    await runtime(model).runPromise(Effect.provide(shown, adapter))
    return length
  }
  return {
    stream,
    object: async (model) => {
      let shown = 0
      await runtime(model).runPromise(
        points(inputs).pipe(
          Stream.runForEachArray((events) =>
            Effect.sync(() => {
              for (const event of events) if (event._tag === "PartialResponse") shown = event.value?.length ?? shown
            })
          ),
          Effect.provide(JSONAdapter.layer)
        )
      )
      return shown
    },
    call: async (model) => (await runtime(model).runPromise(qa(inputs))).answer,
    agent: async (model) => (await runtime(model).runPromise(agent(inputs))).answer
  }
}
