/** Pictures, sounds and files: what leaves for a real server of the chat protocol, and what a model does not read. */
import { LLMock } from "@copilotkit/aimock"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Result, Schema, Stream } from "effect"
import {
  Audio,
  EventCodec,
  Fallback,
  File,
  History,
  Image,
  LMContent,
  LMError,
  type LMInput,
  LMRequest,
  OpenAI,
  Predict,
  type Prediction,
  Providers,
  ReAct,
  Session,
  Signature,
  SignatureError,
  Streaming,
  Tool,
  type Trajectory
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { forms } from "../support/adapters.ts"

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
const cat = Image.fromBase64(png)
const pictured = { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } }

const see = Predict.fromSignature(Signature.fromSchemas({
  inputs: { photo: Image.Image, question: Schema.String },
  outputs: { answer: Schema.String }
}))

/** A server that says these replies, one after the other, and what it was sent. */
const serving = (...replies: ReadonlyArray<object>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const server = new LLMock({ port: 0 })
        let at = 0
        server.onMessage(/[^]*/, () => replies[at++] as never)
        await server.start()
        return server
      }),
      (server) => Effect.promise(() => server.stop())
    ),
    (server) => ({
      layer: OpenAI.layer({
        model: "gpt-4o-mini",
        baseUrl: `${server.url}/v1`,
        apiKey: Redacted.make("sk-mock"),
        retry: false
      }),
      bodies: () =>
        server.getRequests().map(({ body }) =>
          body as unknown as { readonly messages: ReadonlyArray<Record<string, unknown>> }
        )
    })
  )

const answer = (text: string) => ({ content: `[[ ## answer ## ]]\n${text}\n\n[[ ## completed ## ]]` })
const done = {
  content: "[[ ## reasoning ## ]]\nI saw it.\n\n[[ ## answer ## ]]\na cat\n\n[[ ## completed ## ]]"
}

describe("a picture, at a server", () => {
  it.live("goes through Predict among the text fields", () =>
    Effect.gen(function*() {
      const { bodies, layer } = yield* serving(answer("a cat"))
      const prediction = yield* Effect.provide(see({ photo: cat, question: "Which animal?" }), layer)
      assert.strictEqual(prediction.answer, "a cat")
      assert.deepStrictEqual(bodies()[0]!.messages[1], {
        role: "user",
        content: [
          { type: "text", text: "[[ ## photo ## ]]\n" },
          pictured,
          {
            type: "text",
            text: "\n\n[[ ## question ## ]]\nWhich animal?\n\n" +
              "Reply with [[ ## answer ## ]], then [[ ## completed ## ]]."
          }
        ]
      })
    }))

  it.live("that a tool gave follows the tool's message, and stays where it was to the end of the run", () =>
    Effect.gen(function*() {
      const shot = Tool.make("shot", { parameters: { of: Schema.String } }, ({ of }) => [`This is ${of}:`, cat])
      const agent = ReAct.make("question -> answer", { tools: [shot] })
      const { bodies, layer } = yield* serving(
        { toolCalls: [{ id: "call_1", name: "shot", arguments: { of: "the garden" } }] },
        { content: "I see a cat." },
        done
      )
      const events = yield* Stream.runCollect(Streaming.streamify(agent)({ question: "Who is in the garden?" })).pipe(
        Effect.provide(layer)
      )
      const [, second, third] = bodies()
      assert.deepStrictEqual(second!.messages.slice(3), [
        { role: "tool", tool_call_id: "call_1", content: "This is the garden:\n[image 1]" },
        { role: "user", content: [{ type: "text", text: "Given by the tool shot (call_1):" }, pictured] }
      ])
      // Law 11: what was sent is sent again, byte for byte.
      assert.deepStrictEqual(third!.messages.slice(0, second!.messages.length), second!.messages)

      // The events, as they cross a wire, have all of it.
      const codec = EventCodec.make(agent)
      const [last] = events.slice(-1).map((event) =>
        Result.getOrThrow(codec.decode(JSON.parse(JSON.stringify(codec.encode(event)))))
      )
      const { trajectory } = last as Prediction.Prediction<{ readonly trajectory: Trajectory.Trajectory }>
      const { calls } = trajectory[0]!
      assert.deepStrictEqual(calls[0]!.observation, "This is the garden:\n[image 1]")
      assert.deepStrictEqual(calls[0]!.parts, [cat])
    }))

  it.live("by its address, and a file and a recording as bytes", () =>
    Effect.gen(function*() {
      const { bodies, layer } = yield* serving(answer("ok"))
      const all = Predict.fromSignature(Signature.fromSchemas({
        inputs: { photos: Schema.Array(Image.Image), talk: Audio.Audio, paper: File.File },
        outputs: { answer: Schema.String }
      }))
      yield* Effect.provide(
        all({
          photos: [Image.fromUrl("https://example.com/cat.png"), cat],
          talk: Audio.fromDataUri("data:audio/mpeg;base64,SUQzBAAAAAAAAA=="),
          paper: File.fromBytes(new TextEncoder().encode("%PDF-1.7"), { name: "paper.pdf" })
        }),
        layer
      )
      const content = bodies()[0]!.messages[1]!["content"] as ReadonlyArray<{ readonly type: string }>
      assert.deepStrictEqual<unknown>(content.filter(({ type }) => type !== "text"), [
        { type: "image_url", image_url: { url: "https://example.com/cat.png" } },
        pictured,
        { type: "input_audio", input_audio: { data: "SUQzBAAAAAAAAA==", format: "mp3" } },
        { type: "file", file: { filename: "paper.pdf", file_data: "data:application/pdf;base64,JVBERi0xLjc=" } }
      ])
    }))

  it.live("that the provider takes as bytes alone: an address is refused, and nothing is sent", () =>
    Effect.gen(function*() {
      const { bodies, layer } = yield* serving(answer("ok"))
      const read = Predict.fromSignature(Signature.fromSchemas({
        inputs: { talk: Audio.Audio },
        outputs: { answer: Schema.String }
      }))
      const talk = Audio.fromUrl("https://example.com/a.mp3")
      const error = yield* Effect.flip(Effect.provide(read({ talk }), layer))
      assert.include(error.message, "takes audio as bytes, and not by an address: fetch them, with Audio.fetch(url)")
      assert.deepStrictEqual(bodies(), [])
    }))
})

describe("what a model does not read", () => {
  const reading = (inputs: ReadonlyArray<LMInput>) =>
    ScriptedLM.make(["unused"], { model: "acme/small", capabilities: { tools: true, inputs } })

  it.effect("is refused before anything is sent, by the name of the input", () =>
    Effect.gen(function*() {
      for (
        const [inputs, words] of [
          [[], "text alone"],
          [["audio", "files"], "text and audio, files"]
        ] as const
      ) {
        const lm = yield* reading(inputs)
        const error = yield* Effect.flip(Effect.provide(see({ photo: cat, question: "?" }), lm.layer))
        assert.instanceOf(error, LMError)
        assert.deepInclude((error as LMError).reason, {
          _tag: "NotSupported",
          feature: "images",
          description:
            `the input 'photo' is an image, but acme/small reads ${words}: leave images out, or name a model ` +
            "that takes them"
        })
        assert.deepStrictEqual(yield* lm.requests, [])
      }
    }))

  it.effect("is refused where it stands in an example, too", () =>
    Effect.gen(function*() {
      const shown = Predict.withDemos(
        Predict.fromSignature(Signature.fromSchemas({
          inputs: { photo: Schema.optionalKey(Image.Image), question: Schema.String },
          outputs: { answer: Schema.String }
        })),
        [{ photo: cat, question: "?", answer: "a cat" }]
      )
      const lm = yield* reading([])
      const error = yield* Effect.flip(Effect.provide(shown({ question: "?" }), lm.layer))
      assert.include(error.message, "acme/small reads text alone: leave images out")
    }))

  it.effect("is known of a provider, and said of a model that is named", () =>
    Effect.gen(function*() {
      const options = { apiKey: Redacted.make("sk-none"), baseUrl: "http://127.0.0.1:1/v1", retry: false } as const
      const of = (more: object) =>
        Effect.map(OpenAI.make({ model: "m", ...options, ...more }), ({ capabilities }) => capabilities.inputs)
      assert.isUndefined(yield* of({}))
      assert.deepStrictEqual(yield* of({ provider: Providers.find("groq") }), ["images"])
      assert.deepStrictEqual(yield* of({ inputs: [] }), [])
      const lm = yield* OpenAI.make({ model: "m", ...options, inputs: ["audio"] })
      const messages = [LMRequest.user([cat])]
      const request = { messages, config: {}, responseFormat: { _tag: "Text" } } as const
      for (const sent of [lm.generate(request), Stream.runDrain(lm.stream(request))]) {
        const { reason } = yield* Effect.flip(Effect.asVoid(sent))
        assert.deepInclude(reason, { _tag: "NotSupported", feature: "images" })
      }
      const both = Fallback.make([(yield* reading(["images"])).service]).apply(lm)
      assert.deepStrictEqual(both.capabilities.inputs, ["audio", "images"])
    }))

  it.effect("of what a tool gave is left out, and the model is told so", () =>
    Effect.gen(function*() {
      const shot = Tool.make("shot", {}, () => cat)
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([{ id: "1", name: "shot", arguments: {} }]),
        "Nothing to see.",
        done.content
      ], { model: "acme/small", capabilities: { tools: true, inputs: [] } })
      const agent = ReAct.make("question -> answer", { tools: [shot] })
      const { trajectory } = yield* Effect.provide(agent({ question: "?" }), lm.layer)
      assert.deepStrictEqual(trajectory[0]!.calls[0]!.parts, [cat])
      assert.deepStrictEqual((yield* lm.requests)[1]!.messages.at(-1)!.content[0], {
        _tag: "ToolResult",
        toolCallId: "1",
        name: "shot",
        content: [LMContent.text("[image 1]\n[1 of these were left out: acme/small reads text alone]")]
      })
    }))

  it("is no output: a model writes text", () => {
    const draw = Signature.fromSchemas({
      inputs: { idea: Schema.String },
      outputs: { pictures: Schema.Array(Image.Image) }
    })
    const made = Result.try(() => Predict.fromSignature(draw))
    const error = Result.isFailure(made) ? made.failure : undefined
    assert.instanceOf(error, SignatureError)
    assert.include((error as SignatureError).reason, "'pictures' cannot be an image that a model gives")
  })
})

describe("a tool's picture, in the text protocol", () => {
  for (const { format, layer, name } of forms) {
    it.effect(`${name}: stands behind the observation, and stays there`, () =>
      Effect.gen(function*() {
        const shot = Tool.make("shot", { success: Schema.Struct({ of: Schema.String, photo: Image.Image }) }, () => ({
          of: "the garden",
          photo: cat
        }))
        const lm = yield* ScriptedLM.make([
          format({ next_thought: "I look.", next_tool_name: "shot", next_tool_args: {} }),
          format({ next_thought: "A cat.", next_tool_name: "finish", next_tool_args: {} }),
          format({ reasoning: "I saw it.", answer: "a cat" })
        ], { capabilities: { tools: false } })
        const agent = ReAct.make("question -> answer", { tools: [shot] })
        yield* Effect.provide(agent({ question: "Who is there?" }), [lm.layer, layer])
        const [, second, third] = yield* lm.requests
        const { content } = second!.messages.at(-1)!
        assert.deepStrictEqual(content.map(({ _tag }) => _tag), ["Text", "Image", "Text"])
        assert.deepStrictEqual(content[1], cat)
        assert.include(LMContent.textOf(content.slice(0, 1)), `{"of":"the garden","photo":"[image 1]"}`)
        assert.include(LMContent.textOf(content.slice(2)), "next_tool_name")
        assert.deepStrictEqual(third!.messages.slice(0, second!.messages.length), second!.messages)
      }))
  }
})

describe("a conversation with pictures", () => {
  it.effect("has them in its turns, which are JSON, and in those that somebody else wrote", () =>
    Effect.gen(function*() {
      const chat = Predict.fromSignature(Signature.fromSchemas({
        inputs: { photo: Schema.optionalKey(Image.Image), question: Schema.String, history: History.History },
        outputs: { answer: Schema.String }
      }))
      const lm = yield* ScriptedLM.make(
        [answer("a cat").content, answer("black").content]
      )
      const url = "https://example.com/dog.png"
      const session = yield* Session.make(chat, {
        history: History.make([{ photo: url, question: "And this?", answer: "a dog" }])
      })
      yield* Effect.provide(session({ photo: cat, question: "Which animal?" }), lm.layer)
      yield* Effect.provide(session({ question: "What colour?" }), lm.layer)
      const [first, second] = yield* lm.requests
      assert.deepStrictEqual(mediaOf(first!), [Image.fromUrl(url), cat])
      assert.deepStrictEqual(mediaOf(second!), [Image.fromUrl(url), cat])
      assert.deepStrictEqual(second!.messages.slice(0, first!.messages.length), first!.messages)
    }))
})

const mediaOf = ({ messages }: LMRequest.LMRequest) =>
  messages.flatMap(({ content }) => content.filter(({ _tag }) => _tag !== "Text"))
