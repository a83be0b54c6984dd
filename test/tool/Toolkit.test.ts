/** Toolkits of effect/ai as tools. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { Approval, Image, type RunEvent, Toolbox } from "effect-lm"
import { assistant, toolResult, user } from "effect-lm/lm/LMRequest"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { heardInto } from "../support/heard.ts"
import { json, text } from "./support/calls.ts"

describe("an effect/ai toolkit", () => {
  class Prices extends Context.Service<Prices, { readonly of: (item: string) => number }>()("test/Prices") {}
  class TooMany extends Schema.TaggedError<TooMany>()("TooMany", { limit: Schema.Int }) {
    override get message() {
      return `at most ${this.limit}`
    }
  }

  const Search = AiTool.make("Search", {
    description: "Searches",
    parameters: Schema.Struct({ query: Schema.String, limit: Schema.NumberFromString }).annotate({ identifier: "Q" }),
    success: Schema.Array(Schema.String),
    failure: TooMany
  })
  const Lookup = AiTool.make("Lookup", {
    parameters: Schema.Struct({ id: Schema.Int }),
    success: Schema.String,
    failure: Schema.Struct({ why: Schema.String }),
    failureMode: "return"
  })
  const Price = AiTool.make("Price", {
    parameters: Schema.Struct({ item: Schema.String }),
    success: Schema.Finite,
    dependencies: [Prices]
  })
  const Raw = AiTool.dynamic("Raw", {
    parameters: { type: "object", properties: { anything: { type: "string" } } }
  })
  const png = "iVBORw0KGgoAAAANSUhEUg=="
  const Picture = AiTool.make("Picture", {
    success: Schema.Struct({ bytes: Schema.Int }),
    toModelOutput: ({ bytes }) => [
      { type: "text", text: `${bytes} bytes` } as never,
      { type: "file", mediaType: "image/png", data: png } as never,
      { type: "file", mediaType: "image/png", data: "" } as never
    ]
  })
  const Delete = AiTool.make("Delete", {
    parameters: Schema.Struct({ id: Schema.Int }),
    success: Schema.String,
    needsApproval: ({ id }, { messages, toolCallId }) =>
      Effect.succeed(id > 1 || messages.length > 1 || toolCallId === "careful")
  })
  const toolkit = Toolkit.make(Search, Lookup, Price, Raw, Picture, Delete)
  const handlers = toolkit.toLayer({
    Search: ({ limit, query }, { preliminary }) =>
      limit > 3
        ? Effect.fail(new TooMany({ limit: 3 }))
        : Effect.as(preliminary(["so far"]), Array.from({ length: limit }, () => query)),
    Lookup: ({ id }) => id === 0 ? Effect.fail({ why: "zero" }) : Effect.succeed(`item ${id}`),
    Price: ({ item }) => Effect.map(Prices, (prices) => prices.of(item)),
    Raw: (params) => Effect.succeed({ got: params }),
    Picture: () => Effect.succeed({ bytes: 3 }),
    Delete: ({ id }) => Effect.succeed(`deleted ${id}`)
  })
  const services = Layer.merge(handlers, Layer.succeed(Prices, { of: (item) => item.length }))
  const call = (name: string, args: Toolbox.Arguments, more?: Partial<Toolbox.Request>) =>
    Effect.flatMap(Toolbox.resolve(toolkit), (box) => box.call({ name, arguments: args, ...more }))

  it.effect("works as it is: its schemas, handlers, requests' services and dynamic tools", () =>
    Effect.gen(function*() {
      const { names, specs } = yield* Toolbox.resolve(toolkit)
      assert.deepStrictEqual(names, ["Search", "Lookup", "Price", "Raw", "Picture", "Delete"])
      assert.deepInclude(specs[0], { description: "Searches" })
      assert.deepInclude(specs[0]?.parameters, { type: "object", required: ["query", "limit"] })
      assert.deepStrictEqual(specs[3]?.parameters, {
        type: "object",
        properties: { anything: { type: "string" } }
      })
      assert.deepInclude(yield* call("Search", text(`{"query":"a","limit":"2"}`)), { value: ["a", "a"] })
      assert.deepInclude(yield* call("Price", json({ item: "four" })), { value: 4, text: "4" })
      assert.deepInclude(yield* call("Raw", json({ a: 1 })), { value: { got: { a: 1 } } })
      assert.deepInclude(yield* call("Picture", text("")), {
        value: { bytes: 3 },
        text: "3 bytes\n[image 1]\n[image/png was left out: there are no bytes]",
        parts: [Image.fromBase64(png)]
      })
    }).pipe(Effect.provide(services)))

  it.effect("its failures are observations in both failure modes, and bad arguments", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* call("Search", json({ query: "a", limit: "4" })), {
        kind: "Failed",
        text: "Search: at most 3"
      })
      assert.deepInclude(yield* call("Lookup", json({ id: 0 })), { kind: "Failed", text: "Lookup: {\"why\":\"zero\"}" })
      for (const name of ["Search", "Lookup", "Price"]) {
        assert.deepInclude(yield* call(name, json({ id: "x" })), { kind: "InvalidArguments" })
      }
      assert.include((yield* call("Lookup", json({ id: "x" }))).text, "- id: ")
    }).pipe(Effect.provide(services)))

  it.effect("preliminary results are progress", () =>
    Effect.gen(function*() {
      const events: Array<RunEvent.RunEvent> = []
      yield* call("Search", json({ query: "a", limit: "1" })).pipe(heardInto(events))
      const values = events.flatMap((event) => event._tag === "ToolProgress" ? [event.value] : [])
      assert.deepStrictEqual(values, [["so far"]])
    }).pipe(Effect.provide(services)))

  it.effect("its own word on approval counts: of the parameters, the conversation and the id", () =>
    Effect.gen(function*() {
      const said = [
        user("hi"),
        assistant([{ _tag: "ToolCall", id: "1", name: "Delete", arguments: "{}" }]),
        toolResult({ toolCallId: "1", name: "Delete", content: "done" })
      ]
      assert.deepInclude(yield* call("Delete", json({ id: 1 })), { text: "deleted 1" })
      assert.deepInclude(yield* call("Delete", json({ id: 2 })), { kind: "Refused" })
      assert.deepInclude(yield* call("Delete", json({ id: 1 }), { messages: Effect.succeed(said) }), {
        kind: "Refused"
      })
      assert.deepInclude(yield* call("Delete", json({ id: 1 }), { toolCallId: "careful" }), { kind: "Refused" })
      // Nobody is asked about a call that cannot be made.
      assert.deepInclude(yield* call("Delete", json({ id: "2" })), { kind: "InvalidArguments" })
      const approved = yield* Effect.provide(call("Delete", json({ id: 2 })), Approval.layerAuto)
      assert.deepInclude(approved, { text: "deleted 2" })
    }).pipe(Effect.provide(services)))

  it("a tool that only its provider can run is refused when an agent is made", () => {
    const search = AiTool.providerDefined({
      id: "openai.web_search",
      customName: "Web",
      providerName: "web_search",
      args: Schema.Struct({ country: Schema.String })
    })({ country: "FR" })
    assert.throws(() => Toolbox.check(Toolkit.make(search)), TypeError, /'Web' is run by its provider/)
  })
})
