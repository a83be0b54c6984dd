/** What the types of tools accept and reject; `tsc` checks this file, the runtime checks what it can. */
import { assert, describe, it } from "@effect/vitest"
import { Context, type Duration, Effect, type Layer, Schema, type Stream } from "effect"
import {
  Approval,
  Blocking,
  type BlockingError,
  type DuplicateToolError,
  Mcp,
  type McpError,
  Predict,
  ReAct,
  Tool,
  Toolbox,
  type ToolError,
  ToolRegistry
} from "effect-lm"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import type * as Work from "../worker/fixtures/work.ts"
import { type Equal, same } from "./support/equal.ts"

class Files extends Context.Service<Files, { readonly root: string }>()("test/Files") {}
class Missing {
  readonly _tag = "Missing"
}

const plain = Tool.make("plain", { parameters: { city: Schema.String } }, ({ city }) => city.length)
const promised = Tool.make("promised", {}, () => Promise.resolve("x"))
const effectful = Tool.make("effectful", {
  parameters: Schema.Struct({ name: Schema.String, at: Schema.optionalKey(Schema.Date) }),
  success: Schema.String
}, ({ name }) => Effect.flatMap(Files, ({ root }) => name === "" ? Effect.fail(new Missing()) : Effect.succeed(root)))

describe("types of tools", () => {
  it("the name, the parameters, the result, the errors and the services are those of the function", () => {
    same<Equal<typeof plain, Tool.Tool<"plain", { readonly city: string }, number, never, never>>>()
    same<Equal<typeof promised, Tool.Tool<"promised", {}, string, never, never>>>()
    same<
      Equal<
        ReturnType<typeof effectful>,
        Effect.Effect<string, Missing | ToolError, Files>
      >
    >()
    same<Equal<Parameters<typeof effectful>[0], { readonly name: string; readonly at?: Date }>>()
    assert.isFunction(plain)
  })

  it("parameters with a default may be left out; the function has them", () => {
    const repeat = Tool.make("repeat", {
      parameters: {
        text: Schema.String,
        times: Schema.Int.pipe(Schema.withConstructorDefault(Effect.succeed(2)))
      }
    }, (params) => {
      same<Equal<typeof params, { readonly text: string; readonly times: number }>>()
      return params.text
    })
    same<Equal<Effect.Error<ReturnType<typeof repeat>>, ToolError>>()
    assert.isTrue(Effect.isEffect(repeat({ text: "a" })))
    assert.isTrue(Effect.isEffect(repeat({ text: "a", times: 1 })))
  })

  it("the scope of a call is no service", () => {
    const scoped = Tool.make("scoped", {}, () => Effect.acquireRelease(Files, () => Effect.void))
    same<Equal<Effect.Services<ReturnType<typeof scoped>>, Files>>()
  })

  it("a call of other parameters is rejected", () => {
    // @ts-expect-error a misspelt parameter
    void (() => plain({ town: "Paris" }))
    // @ts-expect-error a parameter of another type
    void (() => plain({ city: 1 }))
    // @ts-expect-error no parameters
    void (() => plain())
  })

  it("a function that gives what the schema does not have is rejected", () => {
    // @ts-expect-error a number, where the schema has text
    void (() => Tool.make("t", { success: Schema.String }, () => 1))
    // @ts-expect-error a promise of a number
    void (() => Tool.make("t", { success: Schema.String }, () => Promise.resolve(1)))
    // @ts-expect-error an Effect of a number
    void (() => Tool.make("t", { success: Schema.String }, () => Effect.succeed(1)))
    // @ts-expect-error a parameter that there is not
    void (() => Tool.make("t", { parameters: { a: Schema.String } }, ({ b }) => b))
  })

  it("a policy is of the tool's parameters", () => {
    void (() =>
      Tool.make("t", {
        parameters: { n: Schema.Int },
        timeout: "2 seconds" satisfies Duration.Input,
        needsApproval: ({ n }) => Effect.succeed(n > 3)
      }, () => 1))
    // @ts-expect-error a parameter that there is not
    void (() => Tool.make("t", { parameters: { n: Schema.Int }, needsApproval: ({ m }) => m }, () => 1))
    // @ts-expect-error an approval that may fail
    void (() => Tool.make("t", { needsApproval: () => Effect.fail("?") }, () => 1))
  })

  it("schemas that need services are rejected: arguments are decoded where no context is", () => {
    const needy = Schema.String.pipe(Schema.decodeTo(Schema.String, {
      decode: { run: () => Effect.map(Files, ({ root }) => root) },
      encode: { run: () => Effect.succeed("") }
    } as never)) as unknown as Schema.Codec<string, string, Files>
    // @ts-expect-error a schema that needs Files
    void (() => Tool.make("t", { parameters: { needy } }, () => 1))
    assert.isDefined(needy)
  })

  it("definitions make typed toolkits", () => {
    const toolkit = Toolkit.make(plain.definition, effectful.definition)
    same<Equal<AiTool.Parameters<typeof toolkit.tools.plain>, { readonly city: string }>>()
    same<Equal<AiTool.Success<typeof toolkit.tools.effectful>, string>>()
    same<
      Equal<
        ReturnType<typeof Tool.layerHandlers<readonly [typeof plain, typeof effectful]>>,
        Layer.Layer<AiTool.Handler<"plain"> | AiTool.Handler<"effectful">, never, Files>
      >
    >()
    const served = toolkit.pipe(Effect.provide(Tool.layerHandlers(plain, effectful)))
    same<Equal<Effect.Services<typeof served>, Files>>()
    assert.deepStrictEqual(Object.keys(toolkit.tools), ["plain", "effectful"])
  })
})

describe("types of toolboxes and registries", () => {
  const Kit = Toolkit.make(
    AiTool.make("Read", { parameters: Schema.Struct({ path: Schema.String }), dependencies: [Files] }),
    AiTool.make("Now", { success: Schema.String })
  )

  it("a toolbox needs what its tools need", () => {
    same<Equal<Toolbox.Services<readonly [typeof plain, typeof effectful]>, Files>>()
    same<Equal<Toolbox.Services<readonly [typeof plain]>, never>>()
    same<Equal<Toolbox.Services<typeof ToolRegistry>, ToolRegistry>>()
    same<Equal<Toolbox.Services<typeof Kit>, Files | AiTool.Handler<"Read"> | AiTool.Handler<"Now">>>()
    const resolved = Toolbox.resolve([plain, effectful])
    same<Equal<typeof resolved, Effect.Effect<Toolbox.Toolbox, never, Files>>>()
    const ofRegistry = Toolbox.resolve(ToolRegistry)
    same<Equal<typeof ofRegistry, Effect.Effect<Toolbox.Toolbox, never, ToolRegistry>>>()
    assert.isTrue(Effect.isEffect(resolved))
  })

  it("what is no tool is rejected", () => {
    const agent = (tools: Toolbox.Input) => ReAct.make("question -> answer", { tools })
    void (() => agent([({ a }: { readonly a: number }) => a, () => Promise.resolve(1)]))
    // @ts-expect-error no function
    void (() => agent([1]))
    // @ts-expect-error a module
    void (() => agent([Predict.make("text -> answer")]))
    // What is not known of a tool is not known of what it needs either.
    same<Equal<Tool.Services<Tool.Any>, any>>() // oxlint-disable-line typescript/no-explicit-any -- what is tested
    assert.isFunction(agent)
  })

  it("layers need the registry and what the tools need, and fail of duplicates", () => {
    const added = ToolRegistry.add(plain, effectful)
    same<Equal<typeof added, Layer.Layer<never, DuplicateToolError, ToolRegistry | Files>>>()
    const kit = ToolRegistry.addToolkit(Kit, { policies: { Read: { needsApproval: ({ path }) => path !== "" } } })
    same<
      Equal<
        typeof kit,
        Layer.Layer<
          never,
          DuplicateToolError,
          ToolRegistry | Files | AiTool.Handler<"Read"> | AiTool.Handler<"Now">
        >
      >
    >()
    const mcp = ToolRegistry.addMcp(Mcp.http({ url: "http://localhost/mcp" }))
    same<Equal<typeof mcp, Layer.Layer<never, McpError | DuplicateToolError, ToolRegistry>>>()
    const own = ToolRegistry.layerTools(plain)
    same<Equal<typeof own, Layer.Layer<ToolRegistry, DuplicateToolError>>>()
    // @ts-expect-error a policy for a tool that the toolkit does not have
    void (() => ToolRegistry.addToolkit(Kit, { policies: { Write: {} } }))
    // @ts-expect-error a parameter that the tool does not have
    void (() => ToolRegistry.addToolkit(Kit, { policies: { Read: { needsApproval: ({ file }) => file } } }))
  })

  it("arguments are a text or a value, not something of both", () => {
    void (() =>
      Effect.map(
        Toolbox.resolve([plain]),
        ({ call }) => call({ name: "plain", arguments: { _tag: "Text", text: "" } })
      ))
    // @ts-expect-error a text that is not said to be one
    void (() => Effect.map(Toolbox.resolve([plain]), ({ call }) => call({ name: "plain", arguments: "{}" })))
  })
})

describe("types of functions in workers", () => {
  const work = Blocking.module<typeof Work>(new URL("../worker/fixtures/work.ts", import.meta.url))

  it("are those of the module's functions, promises awaited", () => {
    const add = work("add")
    same<Equal<typeof add, (a: number, b: number) => Effect.Effect<number, BlockingError>>>()
    const fib = Tool.make("fib", { parameters: { n: Schema.Int }, success: Schema.Int }, work("fib"))
    same<Equal<typeof fib, Tool.Tool<"fib", { readonly n: number }, number, BlockingError, never>>>()
    // @ts-expect-error a function that the module does not have
    void (() => work("subtract"))
    // @ts-expect-error an export that is no function
    void (() => work("answer"))
    // @ts-expect-error an argument of another type
    void (() => work("add")("1", 2))
    // @ts-expect-error a tool of other parameters
    void (() => Tool.make("fib", { parameters: { m: Schema.Int } }, work("fib")))
  })
})

describe("types of approvals", () => {
  it("decisions are data", () => {
    same<Equal<Approval.Decision["_tag"], "Approved" | "Refused">>()
    const inbox = Approval.makeInbox
    same<Equal<typeof inbox, Effect.Effect<Approval.Inbox>>>()
    same<Equal<Approval.Inbox["requests"], Stream.Stream<Approval.Request>>>()
    // @ts-expect-error no decision
    void (() => Approval.layer(() => Effect.succeed(true)))
    assert.isTrue(Effect.isEffect(inbox))
  })
})
