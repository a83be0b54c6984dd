/** Law 9 for texts that models and tools choose: twice the text takes twice the time, whatever it says. Some seconds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { type Adapter, Adapters, ReAct, Signature, Tool, Toolbox } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

/** What is done with a text, and the texts that are hardest on it: a beginning, what is repeated, an end. */
interface Case {
  readonly name: string
  readonly run: (text: string) => Effect.Effect<unknown, unknown>
  readonly texts: ReadonlyArray<readonly [begin: string, unit: string, end: string]>
  /** How long the longer text is; 200,000 characters if left out. */
  readonly length?: number
}

const toolNamed = (name: string) =>
  ReAct.make("question -> answer", { tools: [Tool.make("now", {}, () => 1)], toolCalls: "text", maxIterations: 1 })({
    question: "?"
  }).pipe(Effect.provide(ScriptedLM.layer([
    ScriptedLM.chat({ next_thought: "t", next_tool_name: name, next_tool_args: {} }),
    ScriptedLM.chat({ reasoning: "r", answer: "x" })
  ])))

/** A call that fails with this message; what the model is told of it names no paths but those of the arguments. */
const failing = (message: string, args: Readonly<Record<string, unknown>> = {}) => {
  const tool = Tool.make(
    "fail",
    { parameters: { path: Schema.optionalKey(Schema.String) } },
    () => Effect.fail(new Error(message))
  )
  return Effect.flatMap(
    Toolbox.resolve([tool], { maxTextLength: 1_000_000 }),
    ({ call }) => call({ name: "fail", arguments: { _tag: "Json", value: args } })
  )
}

const signature = Signature.make("question, key_points: list[str] -> answer, next_step")

const asked = (adapter: Adapter.Adapter) => (text: string) =>
  Effect.sync(() =>
    adapter.format({
      signature,
      inputs: { question: text, key_points: [text] },
      demos: [],
      config: {},
      turns: [{ _tag: "Reply", reply: text, then: { observation: text } }]
    })
  )

const brackets = [
  "[",
  "[ ",
  "[[",
  "[_",
  "[[_",
  "[[ #",
  "[[ # ",
  "[[ ## answe",
  "[[answe",
  "[[a ",
  "[[-",
  "[\\"
] as const
const angles = ["<", "</", "<answe", "< ", "<\\", "&", "&amp;", "&lt;", "&amp;lt;answe", "</ answer "] as const

const cases: ReadonlyArray<Case> = [
  {
    name: "the name of a tool",
    run: toolNamed,
    texts: [["a", " ", "b"], ["a", "\"", "b"], ["", "'", ""], ["", "()", ""], ["a", "( ", ")"], ["", "\n", "now"]]
  },
  {
    name: "why a tool has failed",
    run: failing,
    texts: ["\n    at ", ""].flatMap((begin) =>
      [
        " ",
        "(node:",
        "(file:",
        "(native) ",
        ":1:1",
        ":1:1 ",
        "/",
        "/a",
        "/a/b ",
        "\"/",
        "'/a b",
        "C:\\",
        "\\\\a\\",
        "file:///"
      ].flatMap((unit) => [[begin, unit, "x"], [begin, unit, ")"]] as const)
    )
  },
  {
    name: "a failure that names many paths of a long argument",
    run: (text) => failing(text.replaceAll("#", (_, at: number) => String(at % 1009)), { path: text }),
    texts: [["", "/b/# ", ""], ["", "/b#/a", ""], ["", "/a", "/b"]]
  },
  ...Object.values<Adapter.Adapter>(Adapters.builtIn).map((adapter): Case => ({
    name: `an input and an observation, ${adapter.name}`,
    run: asked(adapter),
    texts: (adapter.name === "XML" ? angles : brackets).map((unit) => ["", unit, ""] as const)
  }))
]

/** The processor's time that it takes, in milliseconds: the median of a few times. */
const timed = Effect.fnUntraced(function*(run: Case["run"], text: string) {
  const times: Array<number> = []
  for (let i = 0; i < 3; i++) {
    const before = process.cpuUsage()
    yield* run(text)
    const { system, user } = process.cpuUsage(before)
    times.push((user + system) / 1000)
  }
  return times.toSorted((a, b) => a - b)[1]!
})

describe("law 9: linear", () => {
  for (const { length = 200_000, name, run, texts } of cases) {
    it.effect(name, () =>
      Effect.gen(function*() {
        for (const [begin, unit, end] of texts) {
          const text = (size: number) => begin + unit.repeat(size / unit.length) + end
          // A machine that is busy with something else gets another chance; quadratic work fails every time.
          let problem = ""
          for (let attempt = 0; attempt < 3; attempt++) {
            const once = yield* timed(run, text(length / 2))
            const twice = yield* timed(run, text(length))
            // Below some milliseconds the clock and the collector are what is measured.
            if (twice < 100 && twice <= Math.max(2.5 * once, 25)) {
              problem = ""
              break
            }
            problem = `${JSON.stringify([begin, unit, end])}: ${once} ms, then ${twice} ms`
          }
          assert.strictEqual(problem, "")
        }
      }), 60_000)
  }
})
