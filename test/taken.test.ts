/** What functions take: whatever else plain JavaScript gives them is refused where it is given, in a sentence that says what to write. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, PubSub, Queue, Redacted, Result, Schema, Stream } from "effect"
import {
  AsyncProgram,
  Audio,
  BlockingStream,
  ChainOfThought,
  Discovery,
  Fallback,
  Field,
  File,
  History,
  Image,
  LMReason,
  LocalModel,
  Middleware,
  Module,
  ModuleTool,
  Observer,
  OpenAI,
  Predict,
  Prediction,
  Protocol,
  Providers,
  ReAct,
  Retry,
  Sandbox,
  Session,
  Signature,
  SizeLimits,
  Status,
  Step,
  StopWhen,
  Streaming,
  StreamListener,
  Timeouts,
  Watched
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

/** What no compiler has checked. */
// oxlint-disable-next-line typescript/no-explicit-any -- anything at all is given where something else is wanted
type Unchecked = any

const qa = Predict.make("question -> answer")
const chat = Predict.make("question, history: History -> answer")
const signature = Signature.make("question -> answer")
const retry = Retry.make()
const url = new URL("file:///programs.js")
const hook = () => ""
const nothing = () => Effect.void
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
    ...settings
  }],
  "Predict.fromSignature": [Predict.fromSignature, signature, {}],
  "Predict.withInstructions": [Predict.withInstructions, qa, "i"],
  "Predict.withSignature": [Predict.withSignature, qa, signature],
  "Predict.withConfig": [Predict.withConfig, qa, settings],
  "Predict.withDemos": [Predict.withDemos, qa, []],
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
    stopWhen: () => false,
    prepareStep: () => ({}),
    config: {},
    ...settings
  }],
  "ReAct.fromSignature": [ReAct.fromSignature, signature, { tools: [] }],
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
  "Session.make": [Session.make, chat, { history: History.empty }],
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
    timeouts: { firstEvent: 1, idle: 1, afterFinish: 1, reply: 1 },
    limits: { line: 1, event: 1, reply: 1, errorBody: 1 },
    retry: { times: 1, delay: 1, maxDelay: 1, maxRetryAfter: 1 },
    allowKeysInBrowser: true
  }],
  "OpenAI.make": [OpenAI.make, { model: "m" }],
  "OpenAI.layerModel": [OpenAI.layerModel, "groq/m", { baseUrl: "http://127.0.0.1" }],
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
  "Retry.make": [Retry.make, retry],
  "Retry.apply": [Retry.apply, Effect.runSync(ScriptedLM.make([])).service, retry],
  "Retry.layer": [Retry.layer, retry],
  "Timeouts.layer": [Timeouts.layer, { idle: 1 }],
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
  "Step.make": [Step.make, { name: "s", asked: null, success: Schema.String }, Effect.succeed("a")],
  "Timeouts.make": [Timeouts.make, { idle: 1 }],
  "SizeLimits.make": [SizeLimits.make, { line: 1 }],
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

/** One value of each kind that is likely to stand where another one is wanted. */
const others: ReadonlyArray<Unchecked> = [
  undefined,
  null,
  "some text",
  3,
  true,
  Symbol("s"),
  3n,
  [3],
  { naem: 1 },
  new Date(0),
  () => 1,
  qa,
  signature,
  Layer.empty,
  Effect.void,
  Promise.resolve(1),
  Schema.String
]

/** Objects that keep their content elsewhere than under names: read as options or headers, they would count as empty ones. */
const nameless: ReadonlyArray<Unchecked> = [
  new Map([["a", "b"]]),
  new Headers({ a: "b" }),
  new URLSearchParams("a=b"),
  new FormData(),
  new Set(["a"]),
  new URL("http://127.0.0.1"),
  Redacted.make({ a: "b" })
]

/** What the machine says of a value that it cannot use, and nobody who reads it can. */
const machines = new RegExp(
  "^Cannot |is not (a function|iterable|an object|a constructor|defined)|reading '|^Invalid |^undefined|object null|circular"
)

const refuse = (f: (...args: ReadonlyArray<Unchecked>) => unknown, args: ReadonlyArray<Unchecked>) => {
  const made = Result.try(() => f(...args))
  return Result.isFailure(made) ? (made.failure as Error).message : undefined
}

/** The arguments with another one in the place of one of them, or of one member of one of them; or without the last ones. */
const variants = (args: ReadonlyArray<Unchecked>): ReadonlyArray<ReadonlyArray<Unchecked>> =>
  args.flatMap((arg, at) => {
    const keys = Object.getPrototypeOf(Object(arg)) === Object.prototype ? Object.keys(arg) : []
    const other = (value: Unchecked) => [value, ...keys.map((key) => Object.assign({}, arg, { [key]: value }))]
    return [args.slice(0, at), ...[...others, ...nameless].flatMap(other).map((value) => args.with(at, value))]
  })

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
    it(`to ${name} for an object by names: nothing that keeps its content elsewhere is taken`, () => {
      for (const at of places) {
        for (const value of nameless) assert.isDefined(refuse(f, args.with(at, value)), String(value))
      }
    })
  }

  const sentences: ReadonlyArray<readonly [make: () => unknown, sentence: string | RegExp]> = [
    // Options
    [
      () => ReAct.make("a -> b", { tools: [], toolCalls: "natve" as Unchecked }),
      "`toolCalls` is \"natve\": it is \"auto\", \"native\" or \"text\""
    ],
    [
      () => ReAct.make("a -> b", { tools: [], toolConcurrency: "4" as Unchecked }),
      /^`toolConcurrency` is "4": it is a whole number/
    ],
    [
      () => ReAct.make("a -> b", { tools: [], maxIterations: "3" as Unchecked }),
      /^`maxIterations` is "3": it is a whole number/
    ],
    [
      () => ReAct.make("a -> b", { tools: [], stopWhen: "submit" as Unchecked }),
      "`stopWhen` is a string: it is a condition, as StopWhen.toolCalled(\"confirm\") is one, or a list of conditions"
    ],
    [() => StopWhen.toolCalled(3 as Unchecked), "StopWhen.toolCalled: `names[0]` is a number: it is a string"],
    [() => ReAct.make("a -> b", { tools: [], name: 3 as Unchecked }), "`name` is a number: it is a string"],
    [() => Predict.make("a -> b", { instructions: ["i"] as Unchecked }), "`instructions` is a list: it is a string"],
    [() => Predict.make("a -> b", { name: null as Unchecked }), "`name` is null: it is a string"],
    [() => Predict.make("a -> b", { stop: "." as Unchecked }), "`stop` is a string: it is a list of strings"],
    [() => Predict.make("a -> b", { stop: [1] as Unchecked }), "`stop[0]` is a number: it is a string"],
    [
      () => Predict.make("a -> b", { config: { temperature: "0" as Unchecked } }),
      "`temperature` is \"0\": it is a number 0 or more"
    ],
    [
      () => Predict.make("a -> b", { reasoningEffort: "most" as Unchecked }),
      "`reasoningEffort` is \"most\": it is \"none\", \"minimal\", \"low\", \"medium\", \"high\", \"xhigh\" or \"max\""
    ],
    [() => ChainOfThought.make("a -> b", null as Unchecked), /^a predictor takes its options as an object: \{ name, /],
    [
      () => Predict.make("a -> b", { demos: [{ a: "1", c: "2" } as Unchecked] }),
      /c: the signature has no such field; there are: a, b$/
    ],
    [
      () => Signature.make("a -> b", { descriptions: { a: 1 } as Unchecked }),
      "`descriptions.a` is a number: it is a string"
    ],
    [
      () => Signature.appendOutput(signature, "c", Schema.String, { desc: "d" } as Unchecked),
      "Signature.appendOutput: `options` has no option 'desc': there is description"
    ],
    [() => ModuleTool.make(qa, { nam: "t" } as Unchecked), "ModuleTool.make has no option 'nam': did you mean 'name'?"],
    [() => ModuleTool.make(qa, {} as Unchecked), "`name` is undefined: it is a string"],
    [() => Session.make(chat, { history: [] as Unchecked }), /^`history` is a list: it is a History, /],
    [() => Retry.make({ delay: { second: 1 } as Unchecked }), /^`retry.delay` is \{"second":1\}: it is a duration/],
    // Listeners and hooks
    [
      () => StreamListener.make({} as Unchecked),
      "`signatureFieldName` is undefined: it is a string, the name of an output field"
    ],
    [
      () => Streaming.streamify(qa, { completions: "al" as Unchecked }),
      "`completions` is \"al\": it is \"first\" or \"all\""
    ],
    [
      () =>
        Streaming.streamify(qa, {
          streamListeners: StreamListener.make({ signatureFieldName: "answer" }) as Unchecked
        }),
      "`streamListeners` is an object: it is a list of listeners"
    ],
    [
      () => Streaming.streamify(qa, { streamListeners: ["answer"] as Unchecked }),
      "`streamListeners[0]` is a string: it is a listener, as StreamListener.make({ signatureFieldName: \"answer\" }) gives one"
    ],
    [
      () => Streaming.streamify(qa, { statusMessageProvider: { toolstart: hook } as Unchecked }),
      "a status message provider has no option 'toolstart': did you mean 'toolStart'?"
    ],
    [
      () => Status.report({ toolStart: "Calling" as Unchecked }),
      "`toolStart` is a string: it is a function that gives a message, as (tool) => `Calling ${tool.name}`"
    ],
    [
      () => Status.report(hook as Unchecked),
      /^a status message provider takes its options as an object: \{ moduleStart, /
    ],
    [
      () => Observer.observe({ onEvent: nothing } as Unchecked),
      "an observer has no option 'onEvent': did you mean 'onEvents'?"
    ],
    [() => Observer.observe({ onEvents: nothing } as Unchecked), /^`interest` is undefined: it is a function/],
    // Arguments
    [
      () => Predict.withInstructions(qa as Unchecked),
      "Predict.withInstructions: `instructions` is a Module: it is a string"
    ],
    [
      () => Predict.withInstructions("i")(signature as Unchecked),
      /^Predict.withInstructions: `self` is a Signature: it is a predictor, /
    ],
    [
      () => Predict.withConfig({ temprature: 1 } as Unchecked),
      "`config` has no option 'temprature': did you mean 'temperature'?"
    ],
    [
      () => Module.withConfig({ temprature: 1 } as Unchecked),
      "`config` has no option 'temprature': did you mean 'temperature'?"
    ],
    [
      () => Module.withConfig(qa as Unchecked, {}),
      "Module.withConfig: `self` is a Module: it is an Effect; call the program, as in qa({ question })"
    ],
    [
      () => AsyncProgram.make(qa, undefined as Unchecked),
      "AsyncProgram.make: `layer` is undefined: it is a layer, as OpenAI.layerConfig is one"
    ],
    [
      () => AsyncProgram.make(qa, "gpt" as Unchecked),
      "AsyncProgram.make: `layer` is a string: it is a layer, as OpenAI.layerConfig is one"
    ],
    [
      () => AsyncProgram.make(qa, OpenAI.layer as Unchecked),
      "AsyncProgram.make: `layer` is a function: it is a layer, as OpenAI.layerConfig is one; call the function that makes it"
    ],
    [
      () => AsyncProgram.make("q -> a" as Unchecked, Layer.empty),
      "AsyncProgram.make: `program` is a string: it is a program, as Predict.make(\"question -> answer\") gives one"
    ],
    [
      () => Module.provide("x" as Unchecked),
      "Module.provide: `layer` is a string: it is a layer, as OpenAI.layerConfig is one"
    ],
    [() => Session.make("q -> a" as Unchecked), /^Session.make: `program` is a string: it is a program, /],
    [() => ModuleTool.make(qa, undefined as Unchecked), /^ModuleTool.make takes its options as an object: \{ name, /],
    [() => History.make("x" as Unchecked), "History.make: `messages` is a string: it is a list of turns"],
    [
      () => History.make([3] as Unchecked),
      /^History.make: `messages\[0\]` is a number: it is a turn, as \{ question: /
    ],
    [() => Status.layer("x" as Unchecked), /^Status.layer: `send` is a string: it is a function of a message, /],
    [() => Prediction.usage(qa({ question: "?" }) as Unchecked), /^a prediction has details, and this is an Effect: /],
    [() => OpenAI.layer("gpt-4o" as Unchecked), /^OpenAI.layer takes its options as an object: \{ model, /],
    [() => OpenAI.layer({} as Unchecked), "`model` is undefined: it is a string"],
    [
      () => OpenAI.layer({ model: "m", headers: { a: 3 } as Unchecked }),
      "`headers.a` is a number: it is a string, or Redacted.make of one"
    ],
    [
      () => OpenAI.layer({ model: "m", headers: { "x-key": undefined } as Unchecked }),
      "`headers.x-key` is undefined: it is a string, or Redacted.make of one"
    ],
    [
      () => OpenAI.layer({ model: "m", headers: new Headers({ a: "b" }) as Unchecked }),
      "`headers` is a Headers: it is an object of texts by the names of headers; write Object.fromEntries(...) to make one of it"
    ],
    [
      () => OpenAI.layer({ model: "m", extraBody: new URLSearchParams("a=b") as Unchecked }),
      "`extraBody` is a URLSearchParams: it is an object; write Object.fromEntries(...) to make one of it"
    ],
    [() => OpenAI.layer({ model: "m", extraBody: new Date(0) as Unchecked }), "`extraBody` is a Date: it is an object"],
    [
      () => Predict.make("a -> b", new Map([["temperature", 1]]) as Unchecked),
      /^a predictor takes its options as an object: .*; write Object.fromEntries\(...\) to make one of it$/
    ],
    [
      () => Predict.make("a -> b", { config: new Map() as Unchecked }),
      /^`config` takes .*; write Object.fromEntries\(/
    ],
    [
      () => Predict.make("a -> b", { config: { metadata: { a: undefined } as Unchecked } }),
      "`metadata.a` is undefined: it is a string"
    ],
    [
      () => Predict.make("a -> b", { demos: [new Map([["a", "1"]]) as Unchecked] }),
      /expected an object of fields; write Object.fromEntries\(...\) to make one of it$/
    ],
    [
      () => Signature.make("a -> b", { descriptions: new Map([["a", "d"]]) as Unchecked }),
      /^`descriptions` is a Map: .*; write Object.fromEntries\(/
    ],
    [
      () => Signature.fromSchemas({ inputs: new Map() as Unchecked, outputs: { a: Schema.String } }),
      /^inputs are fields by name, .*, not a Map; write Object.fromEntries\(...\) to make one of it/
    ],
    [
      () => Module.make("M", new Map([["qa", qa]]) as Unchecked, nothing as Unchecked),
      /^Module.make takes .*; write Object.fromEntries\(...\) to make one of it$/
    ],
    [() => LocalModel.layer("x" as Unchecked), /^LocalModel.layer takes its options as an object: \{ model, /],
    [
      () => ScriptedLM.layer(undefined as Unchecked),
      "ScriptedLM.layer: `script` is undefined: it is a list of replies, as ScriptedLM.chat({ answer: \"Paris\" }) is one, or a function of the request"
    ],
    [
      () => ScriptedLM.layer([{ answer: "Paris" }] as Unchecked),
      "ScriptedLM.layer: `script[0]` is an object: it is a reply, as ScriptedLM.chat({ answer: \"Paris\" }) is one, or its text as the model writes it"
    ],
    [
      () => BlockingStream.module("./programs.js" as Unchecked),
      /^BlockingStream.module: `url` is a string: it is a URL, as new URL\(/
    ]
  ]

  for (const [make, sentence] of sentences) {
    it(`${/=> (.*)/s.exec(String(make))![1]!.slice(0, 80)}`, () => {
      const said = refuse(make, [])
      if (typeof sentence === "string") assert.strictEqual(said, sentence)
      else assert.match(String(said), sentence)
    })
  }

  it("and simply works where one thing can be meant", () => {
    assert.strictEqual(String(Predict.fromSignature("a -> b" as Unchecked).signature), "a -> b")
    assert.strictEqual(String(ChainOfThought.fromSignature("a -> b" as Unchecked).signature), "a -> reasoning, b")
    assert.strictEqual(String(Predict.withSignature(qa, "a -> b" as Unchecked).signature), "a -> b")
    assert.strictEqual(String(Module.withSignature("a -> b" as Unchecked)(qa as Unchecked).signature), "a -> b")
    assert.strictEqual(ChainOfThought.make("a -> b", { name: undefined }).name, "ChainOfThought")
    const { demos } = Predict.make("a -> b", { demos: [{ a: "1", b: undefined } as Unchecked] }).settings
    assert.deepStrictEqual(demos, [{ inputs: { a: "1" }, outputs: {} }])
  })
})
