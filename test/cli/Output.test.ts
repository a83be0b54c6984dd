/** What a command writes where: text, JSON, events; to a person, to a pipe. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result, Schema } from "effect"
import { EventCodec, Module, Predict, Prediction, Signature } from "effect-lm"
import * as LMError from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { answer, call, cot } from "./question.ts"

describe("text", () => {
  it.effect("fields stream under their names; status messages go to standard error", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* call(cot, [], { script: [ScriptedLM.chat(answer, { tokens: true })] })
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "reasoning: One.\nTwo.\nanswer: Three.\n")
      assert.strictEqual(stderr, "[Running ChainOfThought]\n[Asking scripted/test]\n")
    }))

  it.effect("--no-stream writes the same at the end", () =>
    Effect.gen(function*() {
      const streamed = yield* call(cot, [], { script: [ScriptedLM.chat(answer, { tokens: true })] })
      const whole = yield* call(cot, ["--no-stream"], { script: [ScriptedLM.chat(answer)] })
      assert.strictEqual(whole.stdout, streamed.stdout)
      assert.strictEqual(whole.code, 0)
    }))

  it.effect("values that are no text are shown as the JSON they are, literals without quotes", () =>
    Effect.gen(function*() {
      const program = Predict.make("question -> mood: 'glad' | 'sad', points: list[int], sure: bool")
      const fields = { mood: "glad", points: [1, 2], sure: true }
      const shown = "mood: glad\npoints: [1,2]\nsure: true\n"
      const streamed = yield* call(program, [], { script: [ScriptedLM.chat(fields, { tokens: true })] })
      assert.strictEqual(streamed.stdout, shown)
      const json = yield* call(program, ["--adapter", "json"], { script: [ScriptedLM.json(fields, { tokens: true })] })
      assert.strictEqual(json.stdout, shown)
      const whole = yield* call(program, ["--no-stream"], { script: [ScriptedLM.chat(fields)] })
      assert.strictEqual(whole.stdout, shown)
    }))

  it.effect("an empty field has its name too", () =>
    Effect.gen(function*() {
      const { stdout } = yield* call(Predict.make("question -> a, b"), ["--adapter", "json"], {
        script: [ScriptedLM.json({ a: "", b: "x" })]
      })
      assert.strictEqual(stdout, "b: x\na: \n")
    }))
})

describe("values that JSON has no word for", () => {
  const circle: Record<string, unknown> = {}
  circle["self"] = circle
  const values = { big: 12n, circle, nothing: undefined, f: () => 1, list: [1n] }
  const odd = Module.make("Odd", {}, () => (_input: { readonly question: string }) => Effect.succeed(values)).pipe(
    Module.withSignature(Signature.fromSchemas({
      inputs: { question: Schema.String },
      outputs: {
        big: Schema.Unknown,
        circle: Schema.Unknown,
        nothing: Schema.Unknown,
        f: Schema.Unknown,
        list: Schema.Unknown
      }
    }))
  )
  for (const args of [[], ["--no-stream"], ["--json"], ["--events"]]) {
    it.effect(`are shown all the same: ${args.join(" ") || "text"}`, () =>
      Effect.gen(function*() {
        const { code, stderr, stdout } = yield* call(odd, args, { script: [] })
        assert.strictEqual(code, 0, stderr)
        assert.include(stdout, "12")
        for (const line of stdout.trim().split("\n")) if (args[0] === "--json") assert.isObject(JSON.parse(line))
      }))
  }
})

const two = (concurrency: number) =>
  Module.make("Two", {
    left: Predict.make("question -> answer, note"),
    right: Predict.make("question -> answer")
  }, ({ left, right }) => (input: { readonly question: string }) =>
    Effect.map(
      Effect.all([left(input), right(input)], { concurrency }),
      ([a, b]) => ({ answer: `${a.answer}, ${b.answer}` })
    ))
    .pipe(Module.withSignature(Signature.make("question -> answer")))

describe("several predictors", () => {
  it.effect("fields have the predictor's path, and what no predictor has shown follows", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* call(two(1), [], {
        script: [ScriptedLM.chat({ answer: "l", note: "n" }), ScriptedLM.chat({ answer: "r" })]
      })
      assert.strictEqual(stdout, "left.answer: l\nleft.note: n\nright.answer: r\nanswer: l, r\n")
      assert.include(stderr, "[Running Two]\n[Running left (Predict)]\n[Asking scripted/test for left]\n")
    }))

  it.effect("an answer that has been shown is not shown again", () =>
    Effect.gen(function*() {
      const program = Module.make("Draft", { draft: cot, final: cot }, ({ draft, final }) =>
        Effect.fnUntraced(function*(input: { readonly question: string }) {
          yield* draft(input)
          return yield* final(input)
        })).pipe(Module.withSignature(Signature.make("question -> reasoning, answer")))
      const { stdout } = yield* call(program, [], {
        script: [ScriptedLM.chat({ reasoning: "a", answer: "b" }), ScriptedLM.chat({ reasoning: "c", answer: "d" })]
      })
      assert.strictEqual(stdout, "draft.reasoning: a\ndraft.answer: b\nfinal.reasoning: c\nfinal.answer: d\n")
    }))

  it.effect("fields that are written at the same time are shown one after the other, whole", () =>
    Effect.gen(function*() {
      const program = Module.make(
        "Many",
        { each: Predict.make("question -> answer") },
        ({ each }) =>
          Effect.fnUntraced(function*(input: { readonly question: string }) {
            yield* Effect.forEach(["1", "2", "3"], (n) => each({ question: input.question + n }), {
              concurrency: "unbounded"
            })
            return { done: true }
          })
      ).pipe(Module.withSignature(Signature.make("question -> done: bool")))
      const text = (n: number) => `This is the ${n}. answer, in a line of its own.`
      for (const delays of [[1, 2, 3], [3, 2, 1], [2, 7, 1], [5, 5, 5]]) {
        const fiber = yield* Effect.forkChild(call(program, [], {
          script: (_, nth) => ScriptedLM.chat({ answer: text(nth + 1) }, { tokens: true, delay: delays[nth]! })
        }))
        yield* TestClock.adjust("1 minute")
        const { stdout } = yield* Fiber.join(fiber)
        const lines = stdout.trimEnd().split("\n")
        assert.sameMembers(lines.map((line) => line.replace(/^each.answer( #\d)?: /, "")), [
          text(1),
          text(2),
          text(3),
          "done: true"
        ])
        assert.deepStrictEqual(
          lines.map((line) => line.slice(0, line.indexOf(":"))),
          ["each.answer", "each.answer #2", "each.answer #3", "done"]
        )
      }
    }))

  it.effect("on a terminal, status messages stay out of a line that is being written", () =>
    Effect.gen(function*() {
      const program = Module.make("Both", {
        slow: Predict.make("question -> answer"),
        late: Predict.make("question -> answer")
      }, (
        { late, slow }
      ) =>
      (input: { readonly question: string }) =>
        Effect.as(
          Effect.all([slow(input), Effect.delay(late(input), "40 millis")], { concurrency: 2 }),
          { done: true }
        )).pipe(Module.withSignature(Signature.make("question -> done: bool")))
      const script = (_: unknown, nth: number) =>
        nth === 0
          ? ScriptedLM.chat({ answer: "a line that takes its time" }, { tokens: true, delay: "2 millis" })
          : ScriptedLM.chat({ answer: "late" })
      const fiber = yield* Effect.forkChild(call(program, [], { script, terminal: true, env: { NO_COLOR: "1" } }))
      yield* TestClock.adjust("1 minute")
      const { screen } = yield* Fiber.join(fiber)
      assert.include(screen, "slow.answer: a line that takes its time\n[Running late (Predict)]\n")
    }))
})

describe("retraction", () => {
  const program = Predict.make("question -> thought, n: int")
  const script = () => [
    ScriptedLM.chat({ thought: "wrong", n: "many" }, { tokens: true }),
    ScriptedLM.chat({ thought: "right", n: 3 }, { tokens: true })
  ]

  it.effect("law 7: text that is replaced is marked as retracted, before what replaces it", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* call(program, [], { script: script() })
      assert.strictEqual(
        stdout,
        "thought: wrong\nn: many\n(retracted: thought)\n(retracted: n)\nthought: right\nn: 3\n"
      )
      assert.match(stderr, /\[Retracted: n: .*\]\n\[Asking scripted\/test\]\n$/)
    }))

  it.effect("is an event, and no matter for those who wait for the end", () =>
    Effect.gen(function*() {
      const { stdout } = yield* call(program, ["--events"], { script: script() })
      const tags = stdout.trimEnd().split("\n").map((line) => JSON.parse(line)._tag)
      assert.strictEqual(tags.filter((tag) => tag === "Retracted").length, 1)
      const json = yield* call(program, ["--json"], { script: script() })
      assert.strictEqual(json.stdout, "{\"thought\":\"right\",\"n\":3}\n")
    }))
})

describe("--json", () => {
  it.effect("is exactly one JSON object: the prediction's fields", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* call(cot, ["--json"], { script: [ScriptedLM.chat(answer)] })
      assert.strictEqual(stdout, `${JSON.stringify(answer)}\n`)
      assert.include(stderr, "[Running ChainOfThought]")
    }))
})

describe("--events", () => {
  it.effect("is one JSON object per event, _tag first, the prediction last", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* call(cot, ["--events"], { script: [ScriptedLM.chat(answer, { tokens: true })] })
      const lines = stdout.trimEnd().split("\n")
      assert.isTrue(lines.every((line) => line.startsWith("{\"_tag\":\"")))
      const events = lines.map((line) => JSON.parse(line))
      const { details, ...last } = events.at(-1)
      assert.deepStrictEqual(last, { _tag: "Prediction", fields: answer })
      assert.strictEqual(details.usage.calls, 1)
      const decoded = events.map((event) => Result.getOrThrow(EventCodec.make(cot).decode(event)))
      const prediction = decoded.at(-1)!
      assert.isTrue(Prediction.isPrediction(prediction) && Prediction.usage(prediction).calls === 1)
      const responses = events.filter((event) => event._tag === "StreamResponse")
      assert.deepStrictEqual(Object.keys(responses[0]), [
        "_tag",
        "predictName",
        "signatureFieldName",
        "chunk",
        "isLastChunk",
        "callId",
        "attempt",
        "completion"
      ])
      for (const [name, value] of Object.entries(answer)) {
        const parts = responses.filter((event) => event.signatureFieldName === name)
        assert.strictEqual(parts.map((event) => event.chunk).join(""), value)
        assert.strictEqual(parts.filter((event) => event.isLastChunk).length, 1)
      }
      assert.deepStrictEqual(
        events.filter((event) => event._tag === "StatusMessage").map((event) => event.message),
        ["Running ChainOfThought", "Asking scripted/test"]
      )
      assert.strictEqual(stderr, "")
    }))

  for (const flags of [["--events"], ["--events", "--no-stream"]]) {
    it.effect(`law 4: ${flags.join(" ")} ends with what the program failed of`, () =>
      Effect.gen(function*() {
        const { code, stderr, stdout } = yield* call(cot, flags, {
          script: [ScriptedLM.fail(new LMError.Refused({ description: "the model declined to answer" }))]
        })
        assert.strictEqual(code, 1)
        assert.include(stderr, "the model declined to answer")
        const last = JSON.parse(stdout.trimEnd().split("\n").at(-1)!)
        assert.deepInclude(last.error, { _tag: "LMError", predictor: "self" })
        const failure = Result.getOrThrow(EventCodec.make(cot).decode(last))
        assert.isTrue(failure._tag === "Failure" && failure.error instanceof LMError.LMError)
      }))
  }

  it.effect("--no-stream leaves status messages and the prediction", () =>
    Effect.gen(function*() {
      const { stdout } = yield* call(cot, ["--events", "--no-stream"], { script: [ScriptedLM.chat(answer)] })
      const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line))
      assert.deepStrictEqual(events.map((event) => event._tag), ["StatusMessage", "StatusMessage", "Prediction"])
    }))
})

describe("failure", () => {
  const refused = new LMError.Refused({ description: "the model declined to answer" })

  it.effect("law 4: what was streamed stays, the reason goes to standard error, the exit code is 1", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* call(cot, [], {
        script: [ScriptedLM.fail(refused, ["[[ ## reasoning ## ]]\nBecause ", "I must"])]
      })
      assert.strictEqual(code, 1)
      assert.strictEqual(stdout, "reasoning: Because I must\n")
      assert.include(stderr, "error: ChainOfThought (scripted/test): the model declined to answer\n")
      assert.notMatch(stderr, /^ +at /m)
    }))

  it.effect("nothing is on standard output where JSON was asked for", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* call(cot, ["--json"], { script: [ScriptedLM.fail(refused)] })
      assert.strictEqual(code, 1)
      assert.strictEqual(stdout, "")
      assert.include(stderr, "declined")
      const events = yield* call(cot, ["--events"], { script: [ScriptedLM.fail(refused)] })
      assert.strictEqual(events.code, 1)
      assert.notInclude(events.stdout, "Prediction")
    }))

  it.effect("a defect of the program is said in a line, without a stack trace", () =>
    Effect.gen(function*() {
      const program = Module.make("Broken", {}, () => ({ question }: { readonly question: string }) =>
        Effect.die(new Error(`a bug: ${question}`)))
        .pipe(Module.withSignature(Signature.make("question -> answer")))
      const { code, stderr } = yield* call(program, [])
      assert.strictEqual(code, 1)
      assert.include(stderr, "error: a bug: q\n")
      assert.notMatch(stderr, /^ +at /m)
    }))
})
