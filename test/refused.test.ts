/** What plain JavaScript gets wrong most often: the sentence that each says, to the letter where it helps. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import {
  AsyncProgram,
  BlockingStream,
  ChainOfThought,
  History,
  LocalModel,
  Module,
  ModuleTool,
  Observer,
  OpenAI,
  Predict,
  Prediction,
  ReAct,
  Retry,
  Session,
  Signature,
  Status,
  StopWhen,
  Streaming,
  StreamListener
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { qa, refuse, signature } from "./support/given.ts"
import type { Unchecked } from "./support/unchecked.ts"

const chat = Predict.make("question, history: History -> answer")
const hook = () => ""
const nothing = () => Effect.void

describe("what is given", () => {
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
