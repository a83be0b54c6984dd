/** What functions take: whatever else plain JavaScript gives them is refused where it is given, in a sentence that says what to write. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, PubSub, Queue, Redacted, Result, Schema, Stream } from "effect"
import {
  Account,
  Anthropic,
  AsyncProgram,
  Audio,
  BestOfN,
  BlockingStream,
  Breaker,
  Budget,
  Cache,
  CacheStore,
  Cassette,
  ChainOfThought,
  Citations,
  Code,
  CodeAct,
  Discovery,
  Document,
  Embedder,
  Ensemble,
  Fallback,
  Field,
  File,
  Hedge,
  History,
  Image,
  Keep,
  Keys,
  Limits,
  LMReason,
  LocalModel,
  Middleware,
  Module,
  ModuleTool,
  MultiChainComparison,
  Observer,
  OpenAI,
  OpenAIEmbedder,
  Parallel,
  Predict,
  Prediction,
  Prices,
  Protocol,
  Providers,
  ReAct,
  Refine,
  Retry,
  RLM,
  Sandbox,
  Session,
  Signature,
  SizeLimits,
  Status,
  Step,
  StopWhen,
  Streaming,
  StreamListener,
  Telemetry,
  Timeouts,
  ToolCache,
  ToolCalls,
  Usage,
  Watched
} from "effect-lm"
import { KNN } from "effect-lm/optimize"
import { ScriptedEmbedder, ScriptedLM } from "effect-lm/testing"
import { machines, nameless, qa, refuse, signature, variants } from "./support/given.ts"
import type { Unchecked } from "./support/unchecked.ts"

const chat = Predict.make("question, history: History -> answer")
const retry = Retry.make()
const limits = {
  concurrency: 1,
  requestsPerMinute: 1,
  tokensPerMinute: 1,
  burst: 1,
  queue: 1,
  maxRetryAfter: 1,
  key: "k"
}
const breaker = { failures: 1, openFor: 1, maxOpenFor: 1, when: () => true, key: "k" }
const someExamples = Effect.runSync(Effect.provide(KNN.make("question -> answer", []), ScriptedEmbedder.layer()))
const url = new URL("file:///programs.js")
const hook = () => ""
const nothing = () => Effect.void
const many = {
  concurrency: 1,
  maxFailures: 1,
  timeout: "1 second",
  stragglers: { after: "1 second", last: 1 },
  ahead: 1
}
const settings = {
  temperature: 1,
  topP: 1,
  maxTokens: 1,
  n: 1,
  seed: 1,
  stop: ["."],
  reasoningEffort: "low",
  rolloutId: 1
} as const
const prices = { m: { input: 1, output: 1, cachedInput: 1, cacheWrite: 1 } }
const bounds = { calls: 1, tokens: 1, usd: 1, time: "1 second", prices, atLimit: "fail" } as const
const timing = { delay: "1 second", onSend: () => {} } as const
const sandboxed = { memory: 2 ** 20, time: "1 second", output: 1 } as const
const arrival = { ...timing, finish: "stop", detail: "so", usage: {}, reasoning: "hm", tokens: true } as const

/** Every function that makes something, or makes something else of it, with arguments that it takes. */
const functions: Readonly<
  Record<string, readonly [f: (...args: ReadonlyArray<Unchecked>) => unknown, ...args: Unchecked]>
> = {
  "Predict.make": [Predict.make, "a -> b", {
    name: "p",
    instructions: "i",
    config: {},
    demos: [],
    maxRepairs: 1,
    toolCalls: "auto",
    ...settings
  }],
  "Predict.fromSignature": [Predict.fromSignature, signature, {}],
  "Predict.withInstructions": [Predict.withInstructions, qa, "i"],
  "Predict.withSignature": [Predict.withSignature, qa, signature],
  "Predict.withConfig": [Predict.withConfig, qa, settings],
  "Predict.withDemos": [Predict.withDemos, qa, []],
  "Predict.withDemosFor": [Predict.withDemosFor, qa, nothing],
  "KNN.make": [KNN.make, "question -> answer", [], { fields: ["question"] }],
  "KNN.nearest": [KNN.nearest, someExamples, { question: "?" }, { k: 1 }],
  "KNN.fewShot": [KNN.fewShot, qa, someExamples, { k: 1 }],
  "KNN.fewShot()": [KNN.fewShot({ self: someExamples }), qa],
  "ChainOfThought.make": [ChainOfThought.make, "a -> b", {
    name: "p",
    instructions: "i",
    config: {},
    demos: [],
    ...settings
  }],
  "ChainOfThought.fromSignature": [ChainOfThought.fromSignature, signature, {}],
  "ReAct.make": [ReAct.make, "a -> b", {
    tools: [],
    name: "p",
    instructions: "i",
    maxIterations: 1,
    toolCalls: "auto",
    toolConcurrency: 1,
    maxObservationLength: 1,
    extract: true,
    keep: Keep.last(1),
    stopWhen: () => false,
    prepareStep: () => ({}),
    config: {},
    ...settings
  }],
  "ReAct.fromSignature": [ReAct.fromSignature, signature, { tools: [] }],
  "CodeAct.make": [CodeAct.make, "a -> b", {
    tools: [],
    name: "p",
    instructions: "i",
    maxIterations: 1,
    maxObservationLength: 1,
    keep: Keep.last(1),
    stopWhen: () => false,
    config: {},
    ...sandboxed,
    ...settings
  }],
  "RLM.make": [RLM.make, "a -> b", {
    tools: [],
    subModel: Layer.empty,
    name: "p",
    instructions: "i",
    maxIterations: 1,
    maxLLMCalls: 1,
    llmConcurrency: 1,
    maxObservationLength: 1,
    keep: Keep.last(1),
    stopWhen: () => false,
    config: {},
    ...sandboxed,
    ...settings
  }],
  "RLM.fromSignature": [RLM.fromSignature, signature, {}],
  "CodeAct.fromSignature": [CodeAct.fromSignature, signature, { tools: [] }],
  "StopWhen.toolCalled": [StopWhen.toolCalled, "search"],
  "StopWhen.repeated": [StopWhen.repeated, 2],
  "Module.make": [Module.make, "M", { qa }, ({ qa }: { readonly qa: Module.Any }) => qa],
  "Module.withSignature": [Module.withSignature, qa, signature],
  "Module.withConfig": [Module.withConfig, qa({ question: "?" }), settings],
  "Module.provide": [Module.provide, Layer.empty],
  "Module.provide()": [Module.provide(Layer.empty), qa],
  "Module.mapPredictors": [Module.mapPredictors, qa, (predict: unknown) => predict],
  "Module.save": [Module.save, qa],
  "Module.load": [Module.load, qa, "{}", { maxLength: 1 }],
  "Module.load()": [Module.load("{}"), qa],
  "ModuleTool.make": [ModuleTool.make, qa, { name: "t", description: "d" }],
  "Module.batch": [Module.batch, qa, [{ question: "?" }], many],
  "Module.batchStream": [Module.batchStream, qa, [{ question: "?" }], many],
  "Parallel.all": [Parallel.all, [qa({ question: "?" })], many],
  "Parallel.stream": [Parallel.stream, [qa({ question: "?" })], many],
  "BestOfN.make": [BestOfN.make, qa, {
    n: 2,
    reward: () => 1,
    threshold: 1,
    maxFailures: 1,
    concurrency: 1,
    temperature: 1
  }],
  "Refine.make": [Refine.make, qa, {
    n: 2,
    reward: () => 1,
    threshold: 1,
    criterion: "c",
    maxFailures: 1,
    temperature: 1,
    advisor: Refine.advisor
  }],
  "MultiChainComparison.make": [MultiChainComparison.make, "a -> b", { chains: 1, temperature: 1, concurrency: 1 }],
  "MultiChainComparison.fromSignature": [MultiChainComparison.fromSignature, signature, {}],
  "Ensemble.make": [Ensemble.make, { qa }, { reduce: () => ({}), size: 1, concurrency: 1 }],
  "Ensemble.majority": [Ensemble.majority, { field: "a", normalize: String }],
  "Session.make": [Session.make, chat, { history: History.empty, keep: Keep.last(1) }],
  "Session.messageOf": [Session.messageOf, chat, { question: "?" }, Prediction.make({ answer: "!" })],
  "Keep.last": [Keep.last, 1],
  "Keep.tokens": [Keep.tokens, 1, { count: (text: string) => text.length }],
  "Prediction.make": [Prediction.make, { a: 1 }],
  "Prediction.usage": [Prediction.usage, Prediction.make({ a: 1 })],
  "Prediction.completions": [Prediction.completions, Prediction.make({ a: 1 })],
  "Prediction.details": [Prediction.details, Prediction.make({ a: 1 })],
  "Prediction.fields": [Prediction.fields, Prediction.make({ a: 1 })],
  "Signature.make": [Signature.make, "a -> b", { instructions: "i", descriptions: { a: "d" } }],
  "Signature.from": [Signature.from, "a -> b"],
  "Signature.parse": [(text: string) => Result.getOrThrow(Signature.parse(text)), "a -> b"],
  "Signature.fromSchemas": [
    Signature.fromSchemas,
    { inputs: {}, outputs: { a: Schema.String }, instructions: "i" }
  ],
  "Signature.withInstructions": [Signature.withInstructions, signature, "i"],
  "Signature.appendInstructions": [Signature.appendInstructions, signature, "i"],
  "Signature.withDescriptions": [Signature.withDescriptions, signature, { answer: "d" }],
  "Signature.prependInput": [Signature.prependInput, signature, "a", Schema.String, { description: "d" }],
  "Signature.appendInput": [Signature.appendInput, signature, "a", Schema.String, { description: "d" }],
  "Signature.insertInput": [Signature.insertInput, signature, 0, "a", Schema.String, { description: "d" }],
  "Signature.prependOutput": [Signature.prependOutput, signature, "a", Schema.String, { description: "d" }],
  "Signature.appendOutput": [Signature.appendOutput, signature, "a", Schema.String, { description: "d" }],
  "Signature.insertOutput": [Signature.insertOutput, signature, 0, "a", Schema.String, { description: "d" }],
  "Signature.withField": [Signature.withField, signature, "answer", Schema.String, { description: "d" }],
  "Signature.deleteField": [Signature.deleteField, signature, "question"],
  "Signature.equals": [Signature.equals, signature, signature],
  "ToolCalls.make": [ToolCalls.make, [{ name: "t", args: {} }]],
  "ToolCalls.execute": [ToolCalls.execute, [], [], { concurrency: 1, maxTextLength: 1, maxArgumentBytes: 1 }],
  "ToolCalls.turn": [ToolCalls.turn, Prediction.make({}), []],
  "ToolCalls.answered": [ToolCalls.answered, [], []],
  "Field.make": [Field.make, "a", Schema.String],
  ...Object.fromEntries(
    Object.entries({ Image, Audio, File }).flatMap(
      ([kind, { fetch, fromBase64, fromBytes, fromDataUri, fromPath, fromUrl }]) => {
        const said = {
          mediaType: `${kind === "File" ? "application" : kind.toLowerCase()}/x-test`,
          ...(kind === "File" && { name: "n" })
        }
        return Object.entries({
          fromUrl: [fromUrl, "https://x.test/a", said],
          fromBytes: [fromBytes, Uint8Array.of(0, 1), { ...said, maxBytes: 2 }],
          fromBase64: [fromBase64, "AAE=", { ...said, maxBytes: 2 }],
          fromDataUri: [fromDataUri, "data:;base64,AAE=", { ...said, maxBytes: 2 }],
          fromPath: [fromPath, "./a", { ...said, maxBytes: 2 }],
          fetch: [fetch, "https://x.test/a", { ...said, maxBytes: 2, timeout: 1, fetch: nothing }]
        }).map(([name, row]) => [`${kind}.${name}`, row])
      }
    )
  ),
  "Code.of": [Code.of, "python"],
  "Document.make": [Document.make, "a", { title: "t", mediaType: "text/markdown" }],
  "Citations.place": [Citations.place, [Document.make("a")], [{ text: "a", document: 0 }]],
  "History.make": [History.make, [{ question: "?" }]],
  "History.append": [History.append, History.empty, { question: "?" }],
  "Streaming.streamify": [Streaming.streamify, qa, {
    streamListeners: [StreamListener.make({ signatureFieldName: "answer" })],
    completions: "all",
    statusMessageProvider: {
      moduleStart: hook,
      moduleEnd: hook,
      lmStart: hook,
      lmEnd: hook,
      toolStart: hook,
      toolEnd: hook
    },
    includeFinalPredictionInOutputStream: true,
    bufferSize: 1
  }],
  "StreamListener.make": [
    StreamListener.make,
    { signatureFieldName: "answer", predictName: "qa", allowReuse: true, partial: true }
  ],
  "AsyncProgram.make": [AsyncProgram.make, qa, Layer.empty, { bufferSize: 1 }],
  "Sandbox.open": [Sandbox.open, { functions: { f: nothing }, variables: { a: 1 }, ...sandboxed }],
  "Sandbox.run": [Sandbox.run, "1", { functions: { f: nothing }, variables: { a: 1 }, ...sandboxed }],
  "Sandbox.layer": [Sandbox.layer, { threads: 1, ...sandboxed }],
  "BlockingStream.module": [BlockingStream.module, url, { closeTimeout: 1 }],
  "BlockingStream.module()": [BlockingStream.module(url), "program", { layer: "layer", errors: [] }],
  "Status.report": [Status.report, { toolStart: hook }],
  "Status.report()": [Status.report(), Effect.void],
  "Status.layer": [Status.layer, nothing],
  "Status.layerQueue": [Status.layerQueue, Effect.runSync(Queue.unbounded())],
  "Status.layerPubSub": [Status.layerPubSub, Effect.runSync(PubSub.unbounded())],
  "Observer.observe": [Observer.observe, { interest: () => undefined, onEvents: nothing, timeout: 1 }],
  "Observer.observe()": [Observer.observe({ interest: () => undefined, onEvents: nothing }), Effect.void],
  "Watched.tool": [Watched.tool, "t", {}, Effect.void],
  "OpenAI.layer": [OpenAI.layer, {
    model: "m",
    apiKey: Redacted.make("k"),
    baseUrl: "http://127.0.0.1",
    provider: Providers.openai,
    inputs: ["images"],
    organization: "o",
    project: "p",
    headers: { a: "b" },
    extraBody: {},
    timeouts: { firstEvent: 1, idle: 1, afterFinish: 1, reply: 1, attempt: 1 },
    limits: { line: 1, event: 1, reply: 1, errorBody: 1 },
    retry: { times: 1, delay: 1, maxDelay: 1, maxRetryAfter: 1 },
    allowKeysInBrowser: true
  }],
  "Anthropic.layer": [Anthropic.layer, {
    model: "m",
    apiKey: Redacted.make("k"),
    baseUrl: "http://127.0.0.1",
    headers: { a: "b" },
    extraBody: {},
    timeouts: { firstEvent: 1 },
    limits: { line: 1 },
    retry: { times: 1 },
    allowKeysInBrowser: true
  }],
  "Anthropic.make": [Anthropic.make, { model: "m" }],
  "Anthropic.layerModel": [Anthropic.layerModel, "m", { baseUrl: "http://127.0.0.1" }],
  "OpenAI.make": [OpenAI.make, { model: "m" }],
  "OpenAI.layerModel": [OpenAI.layerModel, "groq/m", { baseUrl: "http://127.0.0.1" }],
  "OpenAIEmbedder.layer": [OpenAIEmbedder.layer, {
    model: "m",
    apiKey: Redacted.make("k"),
    baseUrl: "http://127.0.0.1",
    provider: Providers.openai,
    organization: "o",
    project: "p",
    headers: { a: "b" },
    extraBody: {},
    timeouts: { reply: 1 },
    limits: { reply: 1, errorBody: 1 },
    retry: { times: 1, delay: 1, maxDelay: 1, maxRetryAfter: 1 },
    allowKeysInBrowser: true,
    dimensions: 1,
    encodingFormat: "float",
    batchSize: 1,
    concurrency: 1
  }],
  "OpenAIEmbedder.make": [OpenAIEmbedder.make, { model: "m" }],
  "OpenAIEmbedder.layerModel": [OpenAIEmbedder.layerModel, "mistral/m", { baseUrl: "http://127.0.0.1" }],
  "Embedder.make": [Embedder.make, { model: "m", embed: nothing, batchSize: 1, concurrency: 1 }],
  "Embedder.layer": [Embedder.layer, { model: "m", embed: nothing }],
  "LocalModel.layer": [LocalModel.layer, {
    model: "m.gguf",
    cacheDirectory: "c",
    threads: 1,
    contextSize: 1,
    concurrency: 1,
    mayInstall: nothing,
    onProgress: nothing
  }],
  "LocalModel.make": [LocalModel.make, {}],
  "Discovery.find": [Discovery.find, { servers: [{ name: "s", baseUrl: "http://127.0.0.1" }], embedded: {} }],
  "Discovery.layer": [Discovery.layer, { embedded: false, onFound: nothing }],
  "Cache.make": [Cache.make, { store: CacheStore.memory(), timeToLive: 1, chunks: true, patience: 1 }],
  "Cache.layer": [Cache.layer, { timeToLive: 1 }],
  "Cache.withUse": [Cache.withUse, Effect.void, { mode: "use", timeToLive: 1 }],
  "ToolCache.layer": [ToolCache.layer, { store: CacheStore.memory(), patience: 1 }],
  "CacheStore.memory": [CacheStore.memory, { entries: 1, bytes: 1 }],
  "CacheStore.files": [CacheStore.files, "a folder"],
  "CacheStore.sqlite": [CacheStore.sqlite, "a file"],
  "CacheStore.redis": [CacheStore.redis, { prefix: "p" }],
  "CacheStore.keyValueStore": [CacheStore.keyValueStore, { prefix: "p" }],
  "Cassette.record": [Cassette.record, "a file"],
  "Cassette.replay": [Cassette.replay, "a file", { delays: true, allowUnused: true }],
  "Cassette.read": [Cassette.read, "a file"],
  "Retry.make": [Retry.make, retry],
  "Retry.apply": [Retry.apply, Effect.runSync(ScriptedLM.make([])).service, retry],
  "Retry.layer": [Retry.layer, retry],
  "Timeouts.layer": [Timeouts.layer, { idle: 1 }],
  "Breaker.make": [Breaker.make, breaker],
  "Breaker.layer": [Breaker.layer, breaker],
  "Hedge.make": [Hedge.make, "1 second"],
  "Hedge.after": [Hedge.after, "1 second"],
  "Keys.make": [Keys.make, [Effect.runSync(ScriptedLM.make([])).service], { rateLimited: 1, refused: 1 }],
  "Keys.layer": [Keys.layer, [Redacted.make("k")], () => ScriptedLM.layer([]), { rateLimited: 1, refused: 1 }],
  "Keys.layers": [Keys.layers, [ScriptedLM.layer([])], { rateLimited: 1, refused: 1 }],
  "Limits.make": [Limits.make, limits],
  "Limits.layer": [Limits.layer, limits],
  "Limits.layerRedis": [Limits.layerRedis, { ...limits, prefix: "p" }],
  "Fallback.make": [Fallback.make, [Effect.runSync(ScriptedLM.make([])).service], { when: () => true, restart: true }],
  "Fallback.to": [Fallback.to, ScriptedLM.layer([]), { when: () => true, restart: true }],
  "Middleware.make": [Middleware.make, { name: "m", description: "d", stream: nothing }],
  "Middleware.layer": [Middleware.layer, Middleware.make({ name: "m", stream: () => Stream.empty })],
  "Protocol.make": [Protocol.make, {
    name: "p",
    path: "/p",
    body: () => ({}),
    problem: nothing,
    reader: nothing,
    authorization: () => ({}),
    failure: nothing,
    features: () => new Set()
  }],
  "Account.make": [Account.make, { prices }],
  "Account.of": [Account.of, qa({ question: "?" }), { prices }],
  "Account.count": [Effect.runSync(Account.make()).count, qa({ question: "?" })],
  "Budget.make": [Budget.make, bounds],
  "Budget.within": [Budget.within, bounds],
  "Budget.within()": [Budget.within({ calls: 1 }), qa({ question: "?" })],
  "Prices.usd": [Prices.usd, Usage.empty, "m", prices],
  "Step.through": [Step.through, nothing],
  "Telemetry.layer": [Telemetry.layer, { content: true }],
  "Telemetry.observer": [Telemetry.observer, { content: true }],
  "Telemetry.observe": [Telemetry.observe, { content: true }],
  "Telemetry.observe()": [Telemetry.observe(), qa({ question: "?" })],
  "Telemetry.layerOtlp": [Telemetry.layerOtlp, {
    url: "http://localhost:4318",
    serviceName: "s",
    serviceVersion: "1",
    attributes: {},
    headers: {},
    interval: "1 second",
    content: false
  }],
  "Step.make": [Step.make, { name: "s", asked: null, success: Schema.String }, Effect.succeed("a")],
  "Timeouts.inAll": [Timeouts.inAll, "1 second"],
  "Timeouts.make": [Timeouts.make, { idle: 1 }],
  "SizeLimits.make": [SizeLimits.make, { line: 1 }],
  "ScriptedEmbedder.make": [
    ScriptedEmbedder.make,
    { "a text": [1] },
    { model: "m", delay: 1, batchSize: 1, concurrency: 1 }
  ],
  "ScriptedEmbedder.layer": [ScriptedEmbedder.layer, { "a text": [1] }, { model: "m" }],
  "ScriptedEmbedder.words": [ScriptedEmbedder.words, 8],
  "ScriptedLM.make": [ScriptedLM.make, ["a reply"], { model: "m", capabilities: { tools: true } }],
  "ScriptedLM.layer": [ScriptedLM.layer, ["a reply"], { model: "m" }],
  "ScriptedLM.text": [ScriptedLM.text, "a reply", arrival],
  "ScriptedLM.chunks": [ScriptedLM.chunks, ["a", "reply"], timing],
  "ScriptedLM.events": [ScriptedLM.events, [[]], timing],
  "ScriptedLM.fail": [ScriptedLM.fail, new LMReason.Truncated({ description: "cut off" }), ["a"], timing],
  "ScriptedLM.toolCalls": [ScriptedLM.toolCalls, [{ name: "t", arguments: {} }], { ...arrival, text: "hm" }],
  "ScriptedLM.truncated": [ScriptedLM.truncated, ["a"], timing],
  "ScriptedLM.hang": [ScriptedLM.hang, ["a"], timing],
  "ScriptedLM.completions": [ScriptedLM.completions, [ScriptedLM.text("a reply")]],
  "ScriptedLM.chat": [ScriptedLM.chat, { answer: "Paris" }, arrival],
  "ScriptedLM.json": [ScriptedLM.json, { answer: "Paris" }, arrival],
  "ScriptedLM.xml": [ScriptedLM.xml, { answer: "Paris" }, arrival],
  "ScriptedLM.when": [ScriptedLM.when, () => true, "a reply"],
  "ScriptedLM.tokens": [ScriptedLM.tokens, "a reply"]
}

describe("what is given", () => {
  for (const [name, [f, ...args]] of Object.entries(functions)) {
    it(`to ${name}: is taken, or refused in a sentence of ours`, () => {
      assert.isUndefined(refuse(f, args))
      for (const wrong of variants(args)) {
        const sentence = refuse(f, wrong)
        if (sentence !== undefined) assert.notMatch(sentence, machines)
      }
    })
  }

  for (const [name, [f, ...args]] of Object.entries(functions)) {
    // The arguments of a watched tool are shown as they are, whatever they are.
    if (name === "Watched.tool") continue
    const places = [...args.keys()].filter((at) => Object.getPrototypeOf(Object(args[at])) === Object.prototype)
    if (places.length === 0) continue
    it(`to ${name} for an object by names: nothing that keeps its content elsewhere is taken`, () => {
      for (const at of places) {
        for (const value of nameless) assert.isDefined(refuse(f, args.with(at, value)), String(value))
      }
    })
  }
})
