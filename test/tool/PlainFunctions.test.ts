/** Plain functions as tools: what they say of themselves is what a model is told. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Result, Schema } from "effect"
import { ReAct, Tool, Toolbox, ToolRegistry } from "effect-lm"

const resolved = (f: Tool.PlainFunction) => Effect.runSync(Toolbox.resolve([f]) as Effect.Effect<Toolbox.Toolbox>)

/** The names that a model is told, and which of them have to be given. */
const told = (f: Tool.PlainFunction) => {
  const { additionalProperties, properties, required } = resolved(f).specs[0]!.parameters
  return { names: Object.keys(properties as object), required: required ?? [], isOpen: additionalProperties !== false }
}

/** A function as another compiler has written it. */
const compiled = (source: string): Tool.PlainFunction => new Function(`return ${source}`)() as Tool.PlainFunction

describe("what a function says", () => {
  it("the names of its pattern, and which may be left out", () => {
    const add = ({ a, b = 1 }: { readonly a: number; readonly b?: number }) => a + b
    assert.deepStrictEqual(told(add), { names: ["a", "b"], required: ["a"], isOpen: false })
    assert.deepStrictEqual(resolved(add).names, ["add"])
    const sources: ReadonlyArray<readonly [string, ReadonlyArray<string>, ReadonlyArray<string>, boolean?]> = [
      ["function f({ a, b }) {}", ["a", "b"], ["a", "b"]],
      ["async function f({a,b}) {}", ["a", "b"], ["a", "b"]],
      ["({ f: async ({ a }) => a }).f", ["a"], ["a"]],
      ["({ async f({ a }) {} }).f", ["a"], ["a"]],
      ["({ f({ a: { b, c }, d: [e] }) {} }).f", ["a", "d"], ["a", "d"]],
      ["({ f: ({ a, b = { x: ',' }, c = (1, 2), d = x => x, 'e-e': e }) => 1 }).f", ["a", "b", "c", "d", "e-e"], [
        "a",
        "e-e"
      ]],
      ["({ f: ({ a /* = 1 */, // b = 2\n c = '}' }) => 1 }).f", ["a", "c"], ["a"]],
      ["({ f: ({ a = `}`, b }) => 1 }).f", ["a", "b"], ["b"]],
      ["({ f: ({ a, b } = {}) => 1 }).f", ["a", "b"], []],
      ["({ f: ({ a, ...others }) => 1 }).f", ["a"], ["a"], true],
      ["({ f: () => 1 }).f", [], []],
      ["({ f: ( ) => 1 }).f", [], []],
      ["({ f: ({ a }, { signal, progress = 1 }) => 1 }).f", ["a"], ["a"]],
      ["({ f: ({ a }, context) => 1 }).f", ["a"], ["a"]]
    ]
    for (const [source, names, required, isOpen = false] of sources) {
      assert.deepStrictEqual(told(compiled(source)), { names: [...names], required: [...required], isOpen }, source)
    }
  })

  it("its description, and its parameters where it has some", () => {
    const weather = (input: { readonly city: string }) => `sunny in ${input.city}`
    weather.description = "The weather of a city"
    weather.parameters = { city: Schema.String }
    const [spec] = resolved(weather).specs
    assert.deepInclude(spec, { name: "weather", description: "The weather of a city" })
    assert.deepStrictEqual(spec!.parameters["properties"], { city: { type: "string" } })
    const several = (_input: object, context: Tool.CallContext) => context.toolCallId
    several.parameters = {}
    assert.deepStrictEqual(resolved(several).names, ["several"])
  })

  it("what cannot be told is refused when the agent is made, with what to write", () => {
    const refused: ReadonlyArray<readonly [string, RegExp]> = [
      [
        "({ add: (a, b) => a + b }).add",
        /takes several parameters, .* write Tool\.fromFunction\(\(\{ a, b \}\) => add\(a, b\), "add"\)$/
      ],
      ...[
        "({ add: (a) => a }).add",
        "({ add: a => a }).add",
        "({ add: async a => a }).add",
        "({ add: (a = {}) => a }).add",
        "(function add(a) { return a })",
        "({ async add(a) {} }).add"
      ].map((source) =>
        [
          source,
          /^the function 'add' takes 'a', and its text .*, as in \(\{ a, b \}\) => .* `parameters`; where it is one value, write Tool\.fromFunction\(\(\{ a \}\) => add\(a\), "add"\)$/
        ] as const
      ),
      ["({ add: (a, b = 2) => a + b }).add", /takes several parameters/],
      ["({ add: (...all) => all }).add", /takes several parameters/],
      ["(function add() {}).bind(null)", /a tool's name has only letters|cannot be told from its text/],
      ["({ add: ({ [x]: a }) => a }).add", /cannot be told from its text: make a tool of it with Tool\.make\("add"/],
      ["({ add: ({ a = /[,}]/ }) => a }).add", /cannot be told/],
      ["({ add: ([a, b]) => a }).add", /cannot be told/],
      ["(() => 1)", /has a name/],
      ["(class add {})", /'add' is a class/],
      ["Math.max", /cannot be told/]
    ]
    for (const [source, problem] of refused) {
      assert.throws(() => ReAct.make("question -> answer", { tools: [compiled(source)] }), TypeError, problem, source)
    }
  })
})

describe("what is to be written instead", () => {
  const refusalOf = (f: Tool.PlainFunction) =>
    String(Result.merge(Result.try({ try: () => Tool.fromFunction(f), catch: (error) => (error as Error).message })))

  it("is JavaScript that makes a tool of the function", () => {
    const rows: ReadonlyArray<readonly [source: string, names: ReadonlyArray<string>]> = [
      ["a => a", ["a"]],
      ["(größe = 2) => größe", ["größe"]],
      ["(a, b) => [a, b]", ["a", "b"]],
      ["(a, b = 2) => [a, b]", ["a", "b"]],
      ["(...all) => all", ["all"]],
      ["(a, ...all) => [a, ...all]", ["a", "all"]],
      ["({ a }, { b = 1 }) => [a, b]", ["a", "b"]],
      ["({ a }, b) => [a, b]", ["a", "b"]],
      ["({ a: { c } }, { signal, x }) => 1", ["a", "signal", "x"]],
      ["([a, b]) => a", ["city"]],
      ["({ a }, { a: b }) => a", ["city"]],
      ["({ a, ...others }, b) => a", ["city"]],
      ["({ 'a-b': a }, b) => a", ["city"]],
      ["({ [Symbol.iterator]: a }) => a", ["city"]]
    ]
    for (const [source, names] of rows) {
      const f = compiled(`({ add: ${source} }).add`)
      const code = /(?:write|with) (Tool\..*\))/.exec(refusalOf(f))?.[1]
      const tool = new Function("Tool", "Schema", "add", `return ${code}`)(Tool, Schema, f) as Tool.Any
      assert.isTrue(Tool.isTool(tool), code)
      assert.deepStrictEqual([tool.name, ...told(tool as never).names], ["add", ...names], source)
    }
  })

  it.effect("calls the function with what it takes", () =>
    Effect.gen(function*() {
      const add = compiled("({ add: (a, { b }, ...others) => [a, b, ...others] }).add")
      const code = /write (.*)$/.exec(refusalOf(add))?.[1]
      assert.strictEqual(code, "Tool.fromFunction(({ a, b, others }) => add(a, { b }, ...others), \"add\")")
      const tool = new Function("Tool", "add", `return ${code}`)(Tool, add) as Tool.Tool<
        "add",
        object,
        unknown,
        never,
        never
      >
      assert.deepStrictEqual(yield* tool({ a: 1, b: 2, others: [3, 4] }), [1, 2, 3, 4])
    }))

  it("of what Effect.fn gives, which says how many parameters it has and not which", () => {
    const body = function*({ a }: { readonly a: number }) {
      return yield* Effect.succeed(a)
    }
    for (const f of [Effect.fn("add")(body), Effect.fn(body), Effect.fnUntraced(body)]) {
      const message = String(Result.merge(Result.try(() => Tool.fromFunction(f, "add"))))
      assert.include(
        message,
        "Tool.make(\"add\", { parameters: { city: Schema.String } }, add), with the names that it takes"
      )
    }
    const add = Object.assign(Effect.fn("add")(body), { parameters: { a: Schema.Finite } })
    assert.deepStrictEqual(told(Tool.fromFunction(add, "add") as never).names, ["a"])
  })
})

describe("calls", () => {
  it.effect("are of one object; a name that there is not is told", () =>
    Effect.gen(function*() {
      const add = ({ a, b = 1 }: { readonly a: number; readonly b?: number }) => Promise.resolve(a + b)
      const box = yield* Toolbox.resolve([add])
      const call = (value: unknown) => box.call({ name: "add", arguments: { _tag: "Json", value } })
      assert.deepInclude(yield* call({ a: 1 }), { _tag: "Success", value: 2 })
      assert.deepInclude(yield* call({ a: 1, b: 3 }), { value: 4 })
      assert.deepInclude(yield* call({ b: 3 }), { _tag: "Failure", kind: "InvalidArguments" })
      assert.include((yield* call({ a: 1, c: 3 })).text, "c: is not a parameter; there are: a, b")
    }))

  it.effect("need approval where the function says so, and in doubt", () =>
    Effect.gen(function*() {
      let calls = 0
      const remove = () => ++calls
      remove.needsApproval = true
      const doubtful = [() => "yes", () => 1, () => Promise.resolve(false), () => Effect.succeed("yes")]
        .map((needsApproval) => Tool.make("t", { needsApproval: needsApproval as never }, () => ++calls))
      for (const tool of [remove, ...doubtful]) {
        const box = yield* Toolbox.resolve([tool])
        const observation = yield* box.call({ name: box.names[0]!, arguments: { _tag: "Text", text: "" } })
        assert.deepInclude(observation, { _tag: "Failure", kind: "Refused" })
      }
      assert.strictEqual(calls, 0)
      const sure = Tool.make("t", { needsApproval: () => undefined as never }, () => ++calls)
      yield* sure({})
      assert.strictEqual(calls, 1)
    }))

  it.effect("of a function that gives an Effect have its services, in agents and in registries", () =>
    Effect.gen(function*() {
      class Root extends Context.Service<Root, string>()("test/Root") {}
      const root = () => Effect.map(Root, (root) => root)
      const box = yield* Toolbox.resolve([root]).pipe(Effect.provideService(Root, "/r"))
      assert.deepInclude(yield* box.call({ name: "root", arguments: { _tag: "Text", text: "" } }), { value: "/r" })
      const registry = ToolRegistry.layerTools(root).pipe(Layer.provide(Layer.succeed(Root, "/s")))
      const other = yield* Toolbox.resolve(ToolRegistry).pipe(Effect.provide(registry))
      assert.deepInclude(yield* other.call({ name: "root", arguments: { _tag: "Text", text: "" } }), { value: "/s" })
    }))
})
