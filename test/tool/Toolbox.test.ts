/** What a model is told of tools, and what its calls of them come to. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Schema } from "effect"
import { Predict, ReAct, type RunEvent, Tool, Toolbox, ToolRegistry } from "effect-lm"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { heardInto } from "../support/heard.ts"
import { json, observationOf, text, weather } from "./support/calls.ts"

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
      const box = yield* Toolbox.resolve([weather])
      yield* Effect.gen(function*() {
        yield* box.call({ name: "wether", arguments: json({ city: "Paris" }), toolCallId: "call_1" })
        yield* box.call({ name: "weather", arguments: text("{") })
        yield* box.call({ name: "weather", arguments: json({ city: "Paris" }) })
      }).pipe(heardInto(events))
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
