/** Whatever models send as the arguments of a call, and how it is kept. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Tool, Toolbox } from "effect-lm"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { json, open, text, weather } from "./support/calls.ts"

describe("arguments that are kept, or sent again", () => {
  const deep = (levels: number) => `{"a":${"[".repeat(levels)}${"]".repeat(levels)}}`

  it("are shown as the object that they are, and as bounded text where no tool is given them", () => {
    assert.deepStrictEqual(Toolbox.shown(text(`{"a":[1]}`)), { a: [1] })
    assert.deepStrictEqual(Toolbox.shown(json({ a: [1] })), { a: [1] })
    assert.strictEqual(Toolbox.shown(text("{\"a\":")), "{\"a\":")
    assert.strictEqual(Toolbox.shown(text("[1]")), "[1]")
    assert.strictEqual(Toolbox.shown(text(`{"__proto__":1}`)), `{"__proto__":1}`)
    for (const args of [text(deep(20_000)), json(JSON.parse(deep(2_000))), text(`{"a":"${"x".repeat(300_000)}"}`)]) {
      const shown = Toolbox.shown(args)
      assert.isString(shown)
      assert.match(shown as string, /^.{2000}\n\[\d+ more characters were left out\]$/)
      assert.deepStrictEqual(JSON.parse(JSON.stringify(structuredClone(shown))), shown)
    }
  })

  it("are sent where providers take them", () => {
    for (const sent of ["{}", ` {"a":[1]}\n`, deep(50)]) assert.strictEqual(Toolbox.sendableText(text(sent)), sent)
    for (
      const kept of [
        "",
        " ",
        "[1]",
        "null",
        "{",
        deep(101),
        deep(20_000),
        `{"a":"\ud800"}`,
        `{"a":"\\ud800"}`,
        `{"a":"${"x".repeat(262_144)}"}`,
        `{"a":"${"語".repeat(90_000)}"}`
      ]
    ) assert.strictEqual(Toolbox.sendableText(text(kept)), "{}", kept.slice(0, 20))
    assert.strictEqual(Toolbox.sendableText(text("{a: 1,}")), `{"a":1}`)
    assert.strictEqual(Toolbox.sendableText(json({ a: [1] })), `{"a":[1]}`)
  })
})

describe("what models send", () => {
  const touched: Array<string> = []
  const tools = [
    weather as never,
    Tool.make("count", { parameters: { n: Schema.Int } }, ({ n }) => touched.push(`${n}`))
  ]

  it.effect("names that mean something to objects, paths and shells are unknown tools", () =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve(tools)
      for (
        const name of [
          "__proto__",
          "constructor",
          "toString",
          "hasOwnProperty",
          "../../etc/passwd",
          "; rm -rf /",
          "",
          "\ud800"
        ]
      ) {
        const observation = yield* box.call({ name, arguments: json({}) })
        assert.deepInclude(observation, { _tag: "Failure", kind: "UnknownTool" })
        assert.include(observation.text, "there are: weather, count")
        assert.isTrue(observation.text.isWellFormed())
      }
      const observation = yield* box.call({ name: "x".repeat(1_000_000), arguments: json({}) })
      assert.isBelow(observation.text.length, 300)
    }))

  it.effect("arguments that are no object, reach prototypes or are not well-formed are observations", () =>
    Effect.gen(function*() {
      let deep: unknown = 1
      for (let i = 0; i < 5_000; i++) deep = [deep]
      const hostile: ReadonlyArray<Toolbox.Arguments> = [
        text("{"),
        text("not json"),
        text("[1]"),
        text("\"text\""),
        text("12"),
        text(`{"__proto__":{"admin":true}}`),
        text(`{"a":[{"b":{"__proto__":1}}]}`),
        text(`{"constructor":{"prototype":{"admin":true}}}`),
        text(`{"a":"\\ud800"}`),
        text(`{"\\udc00":1}`),
        text(`{"a":"\ud800"}`),
        text(`{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`),
        json({ deep }),
        json([]),
        json("x"),
        json({ n: 1n }),
        json(JSON.parse(`{"__proto__":1}`))
      ]
      const anything = Tool.make("open", open, () => "called")
      const box = yield* Toolbox.resolve([anything])
      for (const args of hostile) {
        const observation = yield* box.call({ name: "open", arguments: args })
        assert.deepInclude(
          observation,
          { _tag: "Failure", kind: "InvalidArguments" },
          args._tag === "Text" ? args.text.slice(0, 80) : "a value"
        )
      }
      assert.isFalse("admin" in {})
      const harmless = yield* box.call({ name: "open", arguments: text(`{"constructor":"Ferrari"}`) })
      assert.strictEqual(harmless._tag, "Success")
    }))

  it.effect("nothing, a blank and null are no arguments; whatever is no object is none where a tool takes nothing", () =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve([Tool.make("open", open, (args) => args), Tool.make("now", {}, () => "12:00")])
      const nothing = [text(""), text(" \n"), text("null"), text("\"\""), json(null), json(undefined), json("")]
      for (const args of nothing) {
        assert.deepInclude(yield* box.call({ name: "open", arguments: args }), { value: {} }, JSON.stringify(args))
      }
      for (
        const args of [...nothing, text("The answer is 42"), text("[]"), text("()"), json("none"), json([]), json(12)]
      ) {
        assert.deepInclude(yield* box.call({ name: "now", arguments: args }), { value: "12:00" }, JSON.stringify(args))
      }
      // What is said to such a tool all the same is its to refuse.
      assert.deepInclude(yield* box.call({ name: "now", arguments: text(`{"zone":"UTC"}`) }), {
        kind: "InvalidArguments"
      })
    }))

  it.effect("an object that was written as JSON twice, in a fence, or not quite as JSON, is the object", () =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve([Tool.make("open", open, (args) => args)])
      const once = `{"city": "Paris"}`
      const twice = JSON.stringify(once)
      for (
        const args of [
          text(once),
          text(twice),
          text(JSON.stringify(twice)),
          json(once),
          json(twice),
          text("```json\n" + once + "\n```"),
          text(`{city: 'Paris',}`)
        ]
      ) {
        const observation = yield* box.call({ name: "open", arguments: args })
        assert.deepInclude(observation, { value: { city: "Paris" } }, JSON.stringify(args))
      }
      for (const args of [`${once} {"city": "Rome"}`, `Sure: {city: 'Paris'} or {city: 'Rome'}`]) {
        const observation = yield* box.call({ name: "open", arguments: text(args) })
        assert.deepInclude(observation, { _tag: "Failure", kind: "InvalidArguments" }, args)
      }
    }))

  it.effect("null for what may be left out is as if it were, at any depth, and is null where that is a value", () =>
    Effect.gen(function*() {
      const parameters = {
        unit: Schema.optionalKey(Schema.String),
        days: Schema.Int.pipe(Schema.withDecodingDefault(Effect.succeed(3))),
        note: Schema.optionalKey(Schema.NullOr(Schema.String)),
        at: Schema.optionalKey(Schema.Struct({ x: Schema.Int, y: Schema.optionalKey(Schema.Int) }))
      }
      const own = Tool.make("own", { parameters }, (params) => params)
      const kit = Toolkit.make(
        AiTool.make("kit", {
          parameters: Schema.Struct({ unit: Schema.optional(Schema.String), id: Schema.Int }),
          success: Schema.Unknown
        })
      )
      const call = (args: unknown) =>
        Effect.flatMap(Toolbox.resolve([own]), ({ call }) => call({ name: "own", arguments: json(args) }))
      assert.deepInclude(yield* call({ unit: null, days: null, note: null, at: null }), {
        value: { days: 3, note: null }
      })
      assert.deepInclude(yield* call({ at: { x: 1, y: null } }), { value: { days: 3, at: { x: 1 } } })
      const missing = yield* call({ at: { x: null, y: null } })
      assert.deepInclude(missing, { _tag: "Failure", kind: "InvalidArguments" })
      assert.include(missing.text, "at.x: ")
      const box = yield* Toolbox.resolve(kit).pipe(
        Effect.provide(kit.toLayer({ kit: (params) => Effect.succeed(params) }))
      )
      assert.deepInclude(yield* box.call({ name: "kit", arguments: json({ unit: null, id: 1 }) }), { value: { id: 1 } })
      const other = yield* box.call({ name: "kit", arguments: json({ unit: null, id: null }) })
      assert.deepInclude(other, { kind: "InvalidArguments" })
      assert.include(other.text, "id: ")
    }))

  it.effect.prop("every name and every JSON is an observation", {
    name: Schema.String,
    value: Schema.Json,
    raw: Schema.String
  }, ({ name, raw, value }) =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve(tools)
      const observed = yield* Effect.all([
        box.call({ name, arguments: json(value) }),
        box.call({ name: "weather", arguments: json(value) }),
        box.call({ name: "weather", arguments: text(raw) }),
        box.call({ name: "count", arguments: text(JSON.stringify({ n: value })) })
      ])
      for (const { text } of observed) assert.isTrue(text.isWellFormed())
      assert.strictEqual(observed[0]._tag, "Failure")
      assert.strictEqual(observed[3]._tag, Number.isSafeInteger(value) ? "Success" : "Failure")
    }))
})
