/** What leaves the process: Effect's OTLP exporters, and a collector that listens on a socket. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Metric, Redacted, References, Stream } from "effect"
import { LM, OpenAI, Predict, ReAct, Streaming, StreamListener, Telemetry, Tool } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { OtlpExporter } from "effect/observability"
import { TestClock } from "effect/testing"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

interface Post {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** A collector, and what it was sent. */
const collector = (status: () => number) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly posts: Array<Post>; readonly close: () => void }>((resume) => {
      const posts: Array<Post> = []
      const server = createServer((request, response) => {
        const parts: Array<Buffer> = []
        request.on("data", (part: Buffer) => parts.push(part)).on("end", () => {
          posts.push({ path: request.url!, headers: request.headers, text: Buffer.concat(parts).toString() })
          response.writeHead(status()).end("{}")
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const close = () => {
          server.closeAllConnections()
          server.close()
        }
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, posts, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

type Json = { readonly [key: string]: any } // oxlint-disable-line typescript/no-explicit-any -- JSON of somebody else

const bodiesOf = (posts: ReadonlyArray<Post>, path: string): ReadonlyArray<Json> =>
  posts.filter((post) => post.path === path).map(({ text }) => JSON.parse(text) as Json)

const attributesOf = (all: ReadonlyArray<Json>): Json =>
  Object.fromEntries(all.map(({ key, value }) => [key, Object.values(value as object)[0]]))

const model = "openai/gpt-4o-mini"
const usage = { inputTokens: 10, outputTokens: 2 }
const look = Tool.make("look", {}, () => "seen")
const agent = ReAct.make("question -> answer", { tools: [look], toolCalls: "native" })
const lm = ScriptedLM.layer([
  ScriptedLM.toolCalls([{ id: "c1", name: "look", arguments: {} }], { usage }),
  ScriptedLM.chat({ reasoning: "so", answer: "Paris" }, { usage, tokens: true })
], { model })

const streamed = Streaming.streamify(agent, {
  streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
})

const freshRegistry = Effect.provideService(Metric.MetricRegistry, new Map())

describe("what is exported", () => {
  it.live("has the names and values of the conventions", () =>
    Effect.scoped(Effect.gen(function*() {
      const { posts, url } = yield* collector(() => 200)
      const telemetry = Telemetry.layerOtlp({
        url,
        serviceName: "research",
        serviceVersion: "1.2.3",
        attributes: { "deployment.environment.name": "test" },
        headers: { "x-team": "blue" },
        interval: "1 minute"
      }).pipe(Layer.provide(NodeHttpClient.layerUndici))
      yield* Stream.runDrain(streamed({ question: "?" })).pipe(
        Effect.andThen(Effect.flatMap(OtlpExporter.Flusher, ({ flush }) => flush)),
        Effect.provide(Layer.merge(lm, telemetry)),
        Effect.provide(Logger.layer([])),
        Effect.provideService(References.MinimumLogLevel, "Debug"),
        freshRegistry
      )
      assert.isTrue(posts.every(({ headers }) => headers["x-team"] === "blue"))

      const [traces] = bodiesOf(posts, "/v1/traces")
      assert.deepInclude(attributesOf(traces!["resourceSpans"][0].resource.attributes), {
        "service.name": "research",
        "service.version": "1.2.3",
        "deployment.environment.name": "test"
      })
      const spans = traces!["resourceSpans"][0].scopeSpans[0].spans as ReadonlyArray<Json>
      const byId = new Map(spans.map((span) => [span["spanId"], span]))
      assert.deepStrictEqual(
        spans.map((
          { kind, name, parentSpanId, status }
        ) => [name, kind, byId.get(parentSpanId)?.["name"], status.code]),
        [
          // 3 is a client's span, 1 an internal one; 1 is the status of what went well.
          ["chat gpt-4o-mini", 3, "Predict react", 1],
          ["Predict react", 1, "invoke_agent ReAct", 1],
          ["execute_tool look", 1, "invoke_agent ReAct", 1],
          ["chat gpt-4o-mini", 3, "Predict react", 1],
          ["Predict react", 1, "invoke_agent ReAct", 1],
          ["invoke_agent ReAct", 1, undefined, 1]
        ]
      )
      const chat = attributesOf(spans[3]!["attributes"])
      assert.deepInclude(chat, {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 2,
        "effect_lm.path": "react"
      })
      assert.deepStrictEqual(chat["gen_ai.response.finish_reasons"].values, [{ stringValue: "stop" }])
      assert.isFalse(posts.some(({ text }) => text.includes("\"undefined\"")))

      const metrics = bodiesOf(posts, "/v1/metrics").at(-1)!["resourceMetrics"][0].scopeMetrics[0]
        .metrics as ReadonlyArray<Json>
      const named = (name: string) => metrics.find((metric) => metric["name"] === name)!
      const tokens = named("gen_ai.client.token.usage")
      assert.strictEqual(tokens["unit"], "{token}")
      assert.deepStrictEqual(
        tokens["histogram"].dataPoints.map((point: Json) => [
          attributesOf(point["attributes"])["gen_ai.token.type"],
          Number(point["count"]),
          point["sum"]
        ]),
        [["input", 2, 20], ["output", 2, 4]]
      )
      assert.strictEqual(named("gen_ai.client.operation.duration")["unit"], "s")
      for (const name of ["gen_ai.client.operation.time_to_first_chunk", "effect_lm.time_to_field"]) {
        assert.isDefined(named(name), name)
      }
      assert.isDefined(named("gen_ai.invoke_agent.duration"))
      assert.isDefined(named("gen_ai.execute_tool.duration"))

      const records = bodiesOf(posts, "/v1/logs")
        .flatMap((body) => body["resourceLogs"][0].scopeLogs[0].logRecords as ReadonlyArray<Json>)
      const call = records.find(({ body }) => String(body.stringValue).startsWith("model call"))!
      assert.strictEqual(call["severityText"], "Debug")
      // A line of a call is part of the span of the call.
      assert.strictEqual(byId.get(call["spanId"])?.["name"], "chat gpt-4o-mini")
      assert.strictEqual(attributesOf(call["attributes"])["effect_lm.path"], "react")
    })))

  it.live("holds no key of the model's, whatever is recorded and however it fails", () =>
    Effect.scoped(Effect.gen(function*() {
      const key = "sk-this-is-a-key"
      const provider = yield* collector(() => 401)
      const { posts, url } = yield* collector(() => 200)
      const telemetry = Telemetry.layerOtlp({ url, content: true, interval: "1 minute" }).pipe(
        Layer.provide(NodeHttpClient.layerUndici)
      )
      const openai = OpenAI.layer({ model: "m", baseUrl: `${provider.url}/v1`, apiKey: Redacted.make(key) })
      yield* Predict.make("question -> answer")({ question: "?" }).pipe(
        Effect.exit,
        Effect.andThen(Effect.flatMap(OtlpExporter.Flusher, ({ flush }) => flush)),
        Effect.provide(Layer.merge(openai, telemetry)),
        Effect.provide(Logger.layer([])),
        Effect.provideService(References.MinimumLogLevel, "Debug"),
        freshRegistry
      )
      assert.include(JSON.stringify(provider.posts[0]!.headers), key)
      assert.isAbove(posts.length, 2)
      const sent = posts.map(({ headers, text }) => JSON.stringify(headers) + text).join("")
      assert.include(sent, "Authentication")
      assert.notInclude(sent, key)
    })))
})

describe("an exporter that has gone silent", () => {
  it.effect(
    "is told of in one warning, at most once a minute, and the program goes on",
    () =>
      Effect.scoped(Effect.gen(function*() {
        let status = 400
        const { posts, url } = yield* collector(() => status)
        const warnings: Array<string> = []
        const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
          if (logLevel === "Warn") warnings.push(String(message))
        })
        const headers = { authorization: "Bearer s3cret" }
        const telemetry = Telemetry.layerOtlp({ url, headers, interval: "1 second" }).pipe(
          Layer.provide(NodeHttpClient.layerUndici)
        )
        const qa = Predict.make("question -> answer")
        const ask = Effect.flatMap(LM, () => qa({ question: "?" }))
        /** Lets the clock go on until this is so. The collector's answers come by a socket, and not by the clock. */
        const until = Effect.fnUntraced(function*(what: string, isSo: () => boolean) {
          for (let second = 0; second < 600 && !isSo(); second++) {
            yield* TestClock.adjust("1 second")
            yield* Effect.promise(() => new Promise((done) => setTimeout(done, 5)))
          }
          assert.isTrue(isSo(), what)
        })
        const program = Effect.gen(function*() {
          yield* ask
          // Spans and metrics are two batches: both were dropped.
          yield* until("both were sent", () => posts.length >= 2 && warnings.length > 0)
          yield* Effect.promise(() => new Promise((done) => setTimeout(done, 50)))
          assert.strictEqual(warnings.length, 1)
          assert.match(
            warnings[0]!,
            /^telemetry could not be sent to http:\/\/127\.0\.0\.1:\d+ \(status 400\): what was/
          )
          assert.notInclude(warnings[0]!, "s3cret")
          yield* TestClock.adjust("59 seconds")
          assert.strictEqual(warnings.length, 1)
          yield* until("it is said again", () => warnings.length === 2)
          status = 200
          yield* TestClock.adjust("61 seconds")
          yield* ask
          const before = posts.length
          yield* until(
            "spans are sent again",
            () => posts.slice(before).some(({ path }) => path.startsWith("/v1/traces"))
          )
          assert.strictEqual(warnings.length, 2)
        })
        const fiber = yield* program.pipe(
          Effect.provide(telemetry),
          Effect.provide(
            Layer.merge(ScriptedLM.layer(() => ScriptedLM.chat({ answer: "Paris" }, { usage })), Logger.layer([logger]))
          ),
          freshRegistry,
          Effect.forkChild
        )
        yield* Fiber.join(fiber)
      })),
    30_000
  )
})
