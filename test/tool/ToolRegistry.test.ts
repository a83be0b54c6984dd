import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Schema, Scope } from "effect"
import { type RunEvent, Tool, Toolbox, ToolRegistry, Watched } from "effect-lm"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { TestClock } from "effect/testing"
import { heardInto } from "../support/heard.ts"

const a = Tool.make("a", {}, () => "of a")
const b = Tool.make("b", {}, () => "of b")

const Kit = Toolkit.make(
  AiTool.make("Slow", { parameters: Schema.Struct({ millis: Schema.Int }), success: Schema.String }),
  AiTool.make("b", { success: Schema.String })
)
const KitLive = Kit.toLayer({
  Slow: ({ millis }) => Effect.as(Effect.sleep(millis), "slow"),
  b: () => Effect.succeed("of the kit")
})

const call = (box: Toolbox.Toolbox, name: string, value: unknown = {}) =>
  Effect.map(box.call({ name, arguments: { _tag: "Json", value } }), ({ text }) => text)

describe("ToolRegistry", () => {
  it.effect("holds what layers add, by name, whichever is built first", () =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve(ToolRegistry)
      assert.deepStrictEqual(box.names, ["Slow", "a", "b"])
      assert.strictEqual(yield* call(box, "a"), "of a")
      assert.strictEqual(yield* call(box, "b"), "of the kit")
    }).pipe(Effect.provide(
      Layer.mergeAll(
        ToolRegistry.addToolkit(Kit).pipe(Layer.provide(KitLive)),
        ToolRegistry.add(a).pipe(Layer.provide(Layer.effectDiscard(Effect.yieldNow)))
      ).pipe(Layer.provideMerge(ToolRegistry.layer))
    )))

  it.effect("two tools of one name are an error that names where they come from", () =>
    Effect.gen(function*() {
      const kit = ToolRegistry.addToolkit(Kit).pipe(Layer.provide(KitLive))
      const both = kit.pipe(Layer.provideMerge(ToolRegistry.layerTools(a, b)))
      const error = yield* Effect.flip(Effect.scoped(Layer.build(both)))
      assert.strictEqual(error._tag, "DuplicateToolError")
      assert.deepStrictEqual([error.name, error.sources], ["b", ["a function", "an effect/ai toolkit"]])
      const twice = yield* Effect.flip(Effect.scoped(Layer.build(ToolRegistry.layerTools(a, a))))
      assert.match(twice.message, /two tools 'a'/)
    }))

  it.effect("a layer's tools go with its scope, all of them or none come", () =>
    Effect.gen(function*() {
      const names = Effect.map(Toolbox.resolve(ToolRegistry), ({ names }) => names)
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(ToolRegistry.add(b), scope)
      assert.deepStrictEqual(yield* names, ["a", "b"])
      const c = Tool.make("c", {}, () => 1)
      const refused = yield* Effect.exit(Layer.buildWithScope(ToolRegistry.add(c, b), scope))
      assert.isTrue(Exit.isFailure(refused))
      assert.deepStrictEqual(yield* names, ["a", "b"])
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* names, ["a"])
    }).pipe(Effect.provide(ToolRegistry.layerTools(a))))

  it.effect("layerTools is a registry of its own each time", () =>
    Effect.gen(function*() {
      const names = Effect.map(Toolbox.resolve(ToolRegistry), ({ names }) => names)
      const inner = yield* Effect.provide(names, ToolRegistry.layerTools(b))
      assert.deepStrictEqual([yield* names, inner], [["a"], ["b"]])
    }).pipe(Effect.provide(ToolRegistry.layerTools(a))))

  it.effect("policies limit a toolkit's tools", () =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve(ToolRegistry)
      const slow = Effect.fnUntraced(function*(millis: number) {
        const fiber = yield* Effect.forkChild(call(box, "Slow", { millis }), { startImmediately: true })
        yield* TestClock.adjust("1 second")
        return yield* Fiber.join(fiber)
      })
      assert.strictEqual(yield* slow(5), "slow")
      assert.strictEqual(yield* slow(5_000), "Slow: not finished within 20ms")
      assert.match(yield* slow(-1), /refused/)
    }).pipe(
      Effect.provide(
        ToolRegistry.addToolkit(Kit, {
          policies: { Slow: { timeout: "20 millis", needsApproval: ({ millis }) => millis < 0 } }
        }).pipe(Layer.provide(KitLive), Layer.provideMerge(ToolRegistry.layer))
      )
    ))
})

describe("what a tool needs", () => {
  it.effect("spans of a registered tool are those of the run that calls it, not of the layer that registered it", () =>
    Effect.gen(function*() {
      const parents: Array<string | undefined> = []
      const traced = Tool.make("traced", {}, () =>
        Effect.map(Effect.currentParentSpan, (span) => {
          parents.push(span._tag === "Span" ? span.name : undefined)
          return "ok"
        }))
      const registry = ToolRegistry.layerTools(traced).pipe(Layer.withSpan("registration"))
      yield* Effect.gen(function*() {
        const box = yield* Toolbox.resolve(ToolRegistry)
        yield* Effect.withSpan(call(box, "traced", {}), "first run")
        yield* Effect.withSpan(call(box, "traced", {}), "second run")
      }).pipe(Effect.provide(registry))
      assert.deepStrictEqual(parents, ["first run", "second run"])
    }))

  class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}
  const greet = Tool.make("greet", {}, () => Greeting)

  it.effect("is what its layer was given, not what the caller has", () =>
    Effect.gen(function*() {
      const box = yield* Toolbox.resolve(ToolRegistry)
      assert.strictEqual(yield* call(box, "greet"), "of the layer")
    }).pipe(
      Effect.provide(ToolRegistry.layerTools(greet).pipe(Layer.provide(Layer.succeed(Greeting, "of the layer")))),
      Effect.provideService(Greeting, "of the caller")
    ))

  it.effect("is taken from the run where an agent is given the tools themselves", () =>
    Effect.gen(function*() {
      const box = yield* Effect.provideService(Toolbox.resolve([greet]), Greeting, "of the run")
      assert.strictEqual(yield* call(box, "greet"), "of the run")
    }))

  it.effect("calls belong to the run that makes them, wherever the registry was made", () =>
    Effect.gen(function*() {
      const nested = Tool.make("nested", {}, () => Watched.tool("inner", {}, Effect.void))
      const layer = ToolRegistry.layerTools(nested)
      const outer: Array<RunEvent.RunEvent> = []
      const inner: Array<RunEvent.RunEvent> = []
      // The registry is made inside of one tool call, and used inside of another.
      const box = yield* Watched.tool(
        "maker",
        {},
        Effect.flatMap(Layer.build(layer), (context) => Effect.provide(Toolbox.resolve(ToolRegistry), context))
      ).pipe(heardInto(outer))
      yield* Watched.tool("user", {}, call(box, "nested")).pipe(heardInto(inner))
      assert.deepStrictEqual(
        inner.flatMap((event) => event._tag === "ToolStart" ? [[event.call.name, event.call.parent?.name]] : []),
        [["user", undefined], ["nested", "user"], ["inner", "nested"]]
      )
      assert.deepStrictEqual(outer.map(({ call }) => call.name), ["maker", "maker"])
    }))
})
