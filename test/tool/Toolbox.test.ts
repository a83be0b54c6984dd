import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Schema } from "effect"
import { Approval, Image, Observer, Predict, ReAct, type RunEvent, Tool, Toolbox, ToolRegistry } from "effect-lm"
import { assistant, toolResult, user } from "effect-lm/lm/LMRequest"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"

const weather = Tool.make("weather", {
  description: "The weather of a city",
  parameters: {
    city: Schema.String.annotate({ description: "its name" }),
    days: Schema.optionalKey(Schema.Int),
    when: Schema.optionalKey(Schema.Date)
  },
  success: Schema.Struct({ sky: Schema.String, at: Schema.Date })
}, ({ city, when }) => ({ sky: `sunny in ${city}`, at: when ?? new Date(0) }))

const text = (text: string): Toolbox.Arguments => ({ _tag: "Text", text })
const json = (value: unknown): Toolbox.Arguments => ({ _tag: "Json", value })

const open = { parameters: Schema.Record(Schema.String, Schema.Unknown) }

/** What a call of a tool is observed as, where its function is this. */
const observationOf = Effect.fnUntraced(function*(run: () => unknown, args = json({})) {
  const box = yield* Toolbox.resolve([Tool.make("tool", open, run)])
  return yield* box.call({ name: "tool", arguments: args })
})

describe("what a model is told of tools", () => {
  it.effect("names, descriptions and closed JSON schemas, in the order in which they were given", () =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve([weather, Tool.make("now", {}, () => 1)])
      assert.deepStrictEqual(box.names, ["weather", "now"])
      assert.deepStrictEqual(box.specs, [{
        name: "weather",
        description: "The weather of a city",
        parameters: {
          type: "object",
          properties: {
            city: { type: "string", description: "its name" },
            days: { type: "integer" },
            when: { type: "string", format: "date-time" }
          },
          required: ["city"],
          additionalProperties: false
        }
      }, { name: "now", parameters: { type: "object", properties: {}, additionalProperties: false } }])
    }))

  it("tools of one name are refused when an agent is made", () => {
    const one = Tool.make("one", {}, () => 1)
    assert.throws(() => Toolbox.check([one, weather, one]), TypeError, /one name: one\./)
    Toolbox.check([one, weather])
  })

  it("what is no tool is refused when an agent is made, with what makes one of it", () => {
    const kit = Toolkit.make(AiTool.make("Now", { success: Schema.String }))
    for (
      const [tools, problem] of [
        [[weather, 1], /^tools\[1\] is no tool, but a number: Tool\.make makes a tool of a function/],
        [[Predict.make("text -> answer")], /^tools\[0\] .* ModuleTool\.make of a module$/],
        [[undefined], /^tools\[0\] is no tool, but undefined: /],
        [[null], /but null: /],
        [[[weather]], /but an array: /],
        [[kit], /^tools\[0\] is no tool, but an effect\/ai toolkit: give it instead of the array/],
        [weather, /unlike the tool 'weather' alone: put it into an array/],
        [undefined, /^tools are an array of tools, an effect\/ai toolkit or ToolRegistry, unlike undefined/],
        [{}, /unlike an object: /]
      ] as const
    ) {
      assert.throws(() => Toolbox.check(tools as never), TypeError, problem)
      assert.throws(() => ReAct.make("question -> answer", { tools: tools as never }), TypeError, problem)
    }
    Toolbox.check(kit)
    Toolbox.check(ToolRegistry)
    Toolbox.check([])
  })
})

describe("calls", () => {
  it.effect("arguments are decoded, results encoded; a value or the model's text", () =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve([weather])
      const expected = { sky: "sunny in Paris", at: "2026-01-02T00:00:00.000Z" }
      for (
        const args of [
          json({ city: "Paris", when: "2026-01-02T00:00:00.000Z" }),
          text(`{"city":"Paris","when":"2026-01-02T00:00:00.000Z"}`)
        ]
      ) {
        assert.deepStrictEqual(yield* box.call({ name: "weather", arguments: args }), {
          _tag: "Success",
          value: expected,
          text: JSON.stringify(expected)
        })
      }
    }))

  it.effect("a text is told as it is, nothing as null, and no arguments are an empty object", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* observationOf(() => "a \"b\"\n", text(" ")), { value: "a \"b\"\n", text: "a \"b\"\n" })
      assert.deepInclude(yield* observationOf(() => undefined), { value: null, text: "null" })
      assert.deepInclude(yield* observationOf(() => Promise.resolve({ a: [1, undefined] })), {
        value: { a: [1, null] },
        text: "{\"a\":[1,null]}"
      })
    }))

  it.effect("everything wrong with the arguments is told at once, by path", () =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve([weather])
      const observation = yield* box.call({
        name: "weather",
        arguments: text(`{"days":"3","when":"tomorrow","town":"Paris"}`)
      })
      assert.deepInclude(observation, {
        _tag: "Failure",
        kind: "InvalidArguments",
        text: "weather: the arguments are not what the tool takes:\n- city: is missing\n- days: expected number\n" +
          "- when: expected a valid Date\n- town: is not a parameter; there are: city, days, when"
      })
    }))

  it.effect("whatever a tool does is an observation", () =>
    Effect.gen(function*() {
      const circular: Array<unknown> = []
      circular.push(circular)
      const cases: ReadonlyArray<[() => unknown, Toolbox.Failure["kind"], RegExp]> = [
        [
          () => {
            throw new Error("broken")
          },
          "Failed",
          /^tool: broken$/
        ],
        [
          () => {
            throw null
          },
          "Failed",
          /null/
        ],
        [() => Promise.reject(new Error("gone")), "Failed", /gone/],
        [() => Effect.fail("a reason"), "Failed", /a reason/],
        [() => Effect.fail({ _tag: "NotFound", id: 7 }), "Failed", /NotFound \{"id":7\}/],
        [() => Effect.die(new Error("a defect")), "Failed", /a defect/],
        [() => Effect.interrupt, "Failed", /was interrupted/],
        [() => circular, "InvalidResult", /JSON/],
        [() => 10n, "InvalidResult", /JSON/]
      ]
      for (const [run, kind, words] of cases) {
        const observation = yield* observationOf(run)
        assert.deepInclude(observation, { _tag: "Failure", kind })
        assert.match(observation.text, words)
      }
      const typed = Tool.make("typed", { success: Schema.Int }, () => 1.5)
      const observation = yield* Effect.flatMap(
        Toolbox.resolve([typed]),
        (box) => box.call({ name: "typed", arguments: json({}) })
      )
      assert.deepInclude(observation, { _tag: "Failure", kind: "InvalidResult" })
    }))

  it.effect("what JSON would be silent about wants a schema", () =>
    Effect.gen(function*() {
      class Secretive {
        #inner = 1
        get inner() {
          return this.#inner
        }
      }
      class Open {
        readonly inner = 1
      }
      for (
        const [value, kind] of [
          [new Map([["a", 1]]), "- JSON has nothing of a Map"],
          [{ found: [new Set([1])] }, "- 0: JSON has nothing of a Set"],
          [{ by: new Secretive() }, "- by: JSON has nothing of a Secretive"],
          [[new Error("x")], "- 0: JSON has nothing of a Error"],
          [() => 1, "JSON has nothing of a function"],
          [[1, () => 1], "- 1: JSON has nothing of a function"],
          [Symbol("a"), "JSON has nothing of a symbol"],
          [NaN, "JSON has nothing of NaN"],
          [{ mean: NaN }, "- mean: JSON has nothing of NaN"],
          [[1, -Infinity], "- 1: JSON has nothing of -Infinity"],
          [new Float32Array([1, NaN]), "- 1: JSON has nothing of NaN"],
          [{ at: new Date(NaN) }, "- at: JSON has nothing of a Date that is none"]
        ] as const
      ) {
        const observation = yield* observationOf(() => value)
        assert.deepInclude(observation, { _tag: "Failure", kind: "InvalidResult" })
        assert.include(observation.text, kind)
        assert.include(observation.text, "give the tool a `success` schema")
      }
      for (
        const [value, json] of [
          [{}, {}],
          [Object.create(null), {}],
          [[], []],
          [new Open(), { inner: 1 }],
          [{ a: 1, f: () => 1, s: Symbol("a"), u: undefined }, { a: 1 }],
          [undefined, null],
          [[undefined], [null]],
          [new Date(0), "1970-01-01T00:00:00.000Z"],
          [new URL("http://localhost"), "http://localhost/"]
        ]
      ) assert.deepInclude(yield* observationOf(() => value), { _tag: "Success", value: json })
      for (
        const bytes of [
          new Uint8Array([1, 2]),
          Buffer.from("ab"),
          new ArrayBuffer(2),
          new DataView(new ArrayBuffer(1)),
          new Uint8ClampedArray([1]),
          new Blob(["ab"])
        ]
      ) {
        for (const value of [bytes, { bytes }, [bytes]]) {
          const observation = yield* observationOf(() => value)
          assert.deepInclude(observation, { _tag: "Failure", kind: "InvalidResult" })
          assert.match(
            observation.text,
            /JSON has nothing of a (Uint8Array|Buffer|ArrayBuffer|DataView|Uint8ClampedArray|Blob): give the tool/
          )
        }
      }
      assert.deepInclude(yield* observationOf(() => new Float64Array([0.5, 1])), { value: [0.5, 1], text: "[0.5,1]" })
      assert.deepInclude(yield* observationOf(() => ({ vector: new Int16Array([1]) })), { value: { vector: [1] } })
      const loose = Tool.make("loose", { success: Schema.Any }, () => ({ b: new Uint8Array([1]) }))
      const kit = Toolkit.make(AiTool.make("Loose", { success: Schema.Unknown }))
      const own = yield* Toolbox.resolve([loose])
      assert.deepInclude(yield* own.call({ name: "loose", arguments: json({}) }), { kind: "InvalidResult" })
      const theirs = yield* Toolbox.resolve(kit).pipe(
        Effect.provide(kit.toLayer({ Loose: () => Effect.succeed(new Map([[1, 2]])) }))
      )
      assert.deepInclude(yield* theirs.call({ name: "Loose", arguments: json({}) }), { kind: "InvalidResult" })
      const encoded = Tool.make("encoded", { success: Schema.Uint8ArrayFromBase64 }, () => new Uint8Array([1, 2]))
      const bytes = yield* Toolbox.resolve([encoded])
      assert.deepInclude(yield* bytes.call({ name: "encoded", arguments: json({}) }), { value: "AQI=" })
      const mapped = Tool.make(
        "mapped",
        { success: Schema.ReadonlyMap(Schema.String, Schema.Int) },
        () => new Map([["a", 1]])
      )
      const box = yield* Toolbox.resolve([mapped])
      assert.deepInclude(yield* box.call({ name: "mapped", arguments: json({}) }), { value: [["a", 1]] })
    }))

  it.effect("interrupting the caller is no observation", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        observationOf(() => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never))
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    }))

  it.effect("observers see unknown tools and bad arguments fail, and the result as JSON", () =>
    Effect.gen(function*() {
      const events: Array<RunEvent.RunEvent> = []
      const observer: Observer.Observer = {
        interest: () => undefined,
        onEvents: (batch) => Effect.sync(() => events.push(...batch))
      }
      const box = yield* Toolbox.resolve([weather])
      yield* Effect.gen(function*() {
        yield* box.call({ name: "wether", arguments: json({ city: "Paris" }), toolCallId: "call_1" })
        yield* box.call({ name: "weather", arguments: text("{") })
        yield* box.call({ name: "weather", arguments: json({ city: "Paris" }) })
      }).pipe(Observer.observe(observer))
      assert.deepStrictEqual(
        events.map((event) => event._tag === "ToolEnd" ? `${event.call.name} ${event.outcome._tag}` : event._tag),
        ["ToolStart", "wether Failure", "ToolStart", "weather Failure", "ToolStart", "weather Success"]
      )
      assert.deepInclude(events[0], { toolCallId: "call_1", inputs: { city: "Paris" } })
      assert.deepInclude(events[5], {
        outcome: { _tag: "Success", value: { sky: "sunny in Paris", at: "1970-01-01T00:00:00.000Z" } }
      })
    }))
})

describe("bounds", () => {
  it.effect("a long text is cut between characters, and the model told so; the value is whole", () =>
    Effect.gen(function*() {
      const long = "😀".repeat(20)
      const tool = Tool.make("long", {}, () => long)
      const box = yield* Toolbox.resolve([tool], { maxTextLength: 11 })
      assert.deepStrictEqual(yield* box.call({ name: "long", arguments: json({}) }), {
        _tag: "Success",
        value: long,
        text: "😀😀😀😀😀\n[30 more characters were left out]"
      })
    }))

  it.effect("20,000 characters and 256 KiB of arguments, if nothing else is said", () =>
    Effect.gen(function*() {
      const { text: told } = yield* observationOf(() => "x".repeat(1_000_000))
      assert.isBelow(told.length, 20_100)
      const big = yield* observationOf(() => 1, text(JSON.stringify({ big: "x".repeat(1_000_000) })))
      assert.deepInclude(big, { _tag: "Failure", kind: "InvalidArguments" })
      // As many characters, and three bytes for each of them.
      const wide = yield* observationOf(() => 1, json({ wide: "語".repeat(90_000) }))
      assert.deepInclude(wide, { _tag: "Failure", kind: "InvalidArguments" })
      assert.strictEqual((yield* observationOf(() => 1, json({ ok: "x".repeat(200_000) })))._tag, "Success")
    }))
})

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

describe("what a model is told of failures", () => {
  const told = (message: string, args: unknown = {}) =>
    Effect.map(observationOf(() => Effect.fail(new Error(message)), json(args)), ({ text }) => text)

  it.effect("has no stack traces", () =>
    Effect.gen(function*() {
      const { stack } = new Error("it broke")
      assert.strictEqual(yield* told(stack!), "tool: Error: it broke")
    }))

  it.effect("has no paths of this machine, unless the model wrote them", () =>
    Effect.gen(function*() {
      const failure = "ENOENT: no such file or directory, open '/srv/app/My Files/a.txt'"
      assert.strictEqual(yield* told(failure), "tool: ENOENT: no such file or directory, open '<path>'")
      assert.strictEqual(yield* told(failure, { path: "/srv/app/My Files/a.txt" }), `tool: ${failure}`)
      assert.strictEqual(yield* told("at /home/ann/app/x.js:3:7"), "tool: at <path>")
      assert.strictEqual(yield* told("see file:///home/ann/x.js"), "tool: see <path>")
      assert.strictEqual(yield* told("C:\\Users\\ann\\x.js is gone"), "tool: <path> is gone")
    }))

  it.effect("has what looks like a path and is none", () =>
    Effect.gen(function*() {
      for (
        const message of [
          "404 at https://example.com/a/b/c?d=e",
          "expected application/json",
          "3/4 done, and/or 1/2/2026",
          "see ./a/b or ../c/d",
          "no route '/users'"
        ]
      ) assert.strictEqual(yield* told(message), `tool: ${message}`)
    }))
})

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
      const values: Array<unknown> = []
      yield* call("Search", json({ query: "a", limit: "1" })).pipe(Observer.observe({
        interest: () => undefined,
        onEvents: (events) =>
          Effect.sync(() => {
            for (const event of events) if (event._tag === "ToolProgress") values.push(event.value)
          })
      }))
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
