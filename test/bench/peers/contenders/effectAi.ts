/**
 * effect/ai. No published provider of it runs with Effect 4.1, so the model is the least that one can write: Effect's
 * `HttpClient` over `fetch`, and its parser of server-sent events.
 */
import { Effect, Layer, ManagedRuntime, Schema, Stream } from "effect"
import { AiError, Chat, LanguageModel, type Response, Tool, Toolkit } from "effect/ai"
import { Sse } from "effect/encoding"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { addTool } from "../byHand.ts"
import { type Make, oneEach, question } from "../peer.ts"

const Add = Tool.make("add", {
  description: "Adds two numbers",
  parameters: Schema.Struct({ a: Schema.Finite, b: Schema.Finite }),
  success: Schema.Finite
})
const tools = Toolkit.make(Add)
const handlers = tools.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) })

const usage = {
  inputTokens: { total: 9, uncached: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 12, text: undefined, reasoning: undefined }
}
const finish = (reason: Response.FinishReason): Response.FinishPartEncoded => ({
  type: "finish",
  reason,
  usage,
  response: undefined
})

/** A message of `effect/ai` as messages of OpenAI's chat. */
const written = ({ content, role }: { readonly role: string; readonly content: any }): ReadonlyArray<object> => {
  if (typeof content === "string") return [{ role, content }]
  if (role === "tool") {
    return content.map(({ id, result }: any) => ({ role, tool_call_id: id, content: JSON.stringify(result) }))
  }
  const text = content.filter(({ type }: any) => type === "text").map(({ text }: any) => text).join("")
  const calls = content.filter(({ type }: any) => type === "tool-call").map(({ id, name, params }: any) => ({
    id,
    type: "function",
    function: { name, arguments: JSON.stringify(params) }
  }))
  return [{ role, content: text, ...(calls.length > 0 ? { tool_calls: calls } : {}) }]
}

const failed = (cause: unknown) =>
  AiError.make({
    module: "Benchmark",
    method: "post",
    reason: new AiError.InternalProviderError({ description: String(cause) })
  })

const layerOf = (baseUrl: string, model: string) =>
  Layer.effect(
    LanguageModel.LanguageModel,
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const post = (options: LanguageModel.ProviderOptions, stream: boolean) =>
        HttpClientRequest.post(`${baseUrl}/chat/completions`).pipe(
          HttpClientRequest.bodyJsonUnsafe({
            model,
            stream,
            messages: options.prompt.content.flatMap(written),
            ...(options.tools.length > 0 ? { tools: [addTool] } : {})
          }),
          client.execute
        )
      return yield* LanguageModel.make({
        generateText: (options) =>
          post(options, false).pipe(
            Effect.flatMap((response) => response.json),
            Effect.map((json): Array<Response.PartEncoded> => {
              const [{ finish_reason, message }] = (json as any).choices
              return [
                { type: "text", text: message.content },
                ...(message.tool_calls ?? []).map((call: any): Response.PartEncoded => ({
                  type: "tool-call",
                  id: call.id,
                  name: call.function.name,
                  params: JSON.parse(call.function.arguments)
                })),
                finish(finish_reason === "tool_calls" ? "tool-calls" : "stop")
              ]
            }),
            Effect.mapError(failed)
          ),
        streamText: (options) =>
          Stream.unwrap(Effect.map(post(options, true), (response) => response.stream)).pipe(
            Stream.decodeText,
            Stream.pipeThroughChannel(Sse.decode()),
            Stream.mapArray((events) => {
              const parts: Array<Response.StreamPartEncoded> = []
              for (const event of events) {
                if (event.data === "[DONE]") continue
                const delta = JSON.parse(event.data).choices[0]?.delta.content
                if (delta) parts.push({ type: "text-delta", id: "t", delta })
              }
              return parts as never
            }),
            (deltas) =>
              Stream.make<Array<Response.StreamPartEncoded>>({ type: "text-start", id: "t" }).pipe(
                Stream.concat(deltas as Stream.Stream<Response.StreamPartEncoded, unknown>),
                Stream.concat(
                  Stream.make<Array<Response.StreamPartEncoded>>({ type: "text-end", id: "t" }, finish("stop"))
                )
              ),
            Stream.mapError(failed)
          )
      })
    })
  ).pipe(Layer.provideMerge(handlers), Layer.provide(FetchHttpClient.layer))

export const make: Make = (baseUrl) => {
  const runtime = oneEach((model) => ManagedRuntime.make(layerOf(baseUrl, model)))
  return {
    stream: async (model, onFirst) => {
      let length = 0
      await runtime(model).runPromise(
        LanguageModel.streamText({ prompt: question }).pipe(Stream.runForEachArray((parts) =>
          Effect.sync(() => {
            for (const part of parts) {
              if (part.type !== "text-delta") continue
              if (length === 0) onFirst()
              length += part.delta.length
            }
          })
        ))
      )
      return length
    },
    call: async (model) => (await runtime(model).runPromise(LanguageModel.generateText({ prompt: question }))).text,
    agent: (model) =>
      runtime(model).runPromise(Effect.gen(function*() {
        const chat = yield* Chat.fromPrompt(question)
        while (true) {
          const { text, toolCalls } = yield* chat.generateText({ prompt: [], toolkit: tools })
          if (toolCalls.length === 0) return text
        }
      }))
  }
}
