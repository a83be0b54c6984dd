/**
 * A tracer around modules, models and tools, written as a third party would.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Tracer } from "effect"
import { Module, Observer, Predict, ReAct, Tool } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

/** Every call is a span, below that of the call which made it. */
const spans = Observer.observe({
  interest: () => undefined,
  onEvents: () => Effect.void,
  around: (start, self) =>
    Effect.withSpan(self, `${start._tag.replace("Start", "")} ${start.call.name}`, {
      attributes: { path: start.call.path }
    })
})

const lineage = Effect.map(Effect.currentSpan, (span) => {
  const names: Array<string> = []
  for (let at: Tracer.AnySpan | undefined = span; at?._tag === "Span"; at = Option.getOrUndefined(at.parent)) {
    names.unshift(at.name)
  }
  return names
})

describe("an observer that wraps", () => {
  it.effect("makes spans of modules, language models and tools, each inside of what called it", () =>
    Effect.gen(function*() {
      let seen: ReadonlyArray<string> = []
      const look = Tool.make("look", {}, () =>
        Effect.map(Effect.orDie(lineage), (names) => {
          seen = names
          return "seen"
        }))
      const agent = ReAct.make("question -> answer", { tools: [look], toolCalls: "text" })
      const program = Module.make(
        "Program",
        { agent },
        ({ agent }) => (input: { readonly question: string }) => agent(input)
      )
      const turn = (tool: string) => ScriptedLM.chat({ next_thought: "hm", next_tool_name: tool, next_tool_args: {} })
      const ended: Array<string> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          const end = span.end.bind(span)
          span.end = (time, exit) => {
            ended.push(span.name)
            end(time, exit)
          }
          return span
        }
      })
      yield* spans(program({ question: "?" })).pipe(
        Effect.withTracer(tracer),
        Effect.provide(
          ScriptedLM.layer([turn("look"), turn("finish"), ScriptedLM.chat({ reasoning: "r", answer: "a" })])
        )
      )
      assert.deepStrictEqual(seen, ["Module Program", "Module ReAct", "Tool look"])
      assert.deepStrictEqual(
        ended,
        [
          "LM scripted/test",
          "Module react",
          "Tool look",
          "LM scripted/test",
          "Module react",
          "LM scripted/test",
          "Module extract",
          "Module ReAct",
          "Module Program"
        ].map((name) =>
          name.replace("Module react", "Module Predict").replace("Module extract", "Module ChainOfThought")
        )
      )
    }))

  it.effect("one that throws, or gives no Effect, leaves the run alone", () =>
    Effect.gen(function*() {
      const qa = Predict.make("question -> answer")
      for (
        const around of [
          () => {
            throw new Error("broken")
          },
          () => 3
        ]
      ) {
        const { answer } = yield* qa({ question: "?" }).pipe(
          Observer.observe({ interest: () => undefined, onEvents: () => Effect.void, around: around as never }),
          Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "Paris" })]))
        )
        assert.strictEqual(answer, "Paris")
      }
    }))
})
