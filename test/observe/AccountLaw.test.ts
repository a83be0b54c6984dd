/**
 * Whatever calls do at the same time, an account is the sum of what each of them has really used: random programs of calls that
 * answer, are retried, fail, are given again, and are interrupted, in nested modules, streamed or not.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema, Stream } from "effect"
import { Account, LM, LMError, LMEvent, LMReason, Module, Predict, Retry, Streaming, Usage } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

const small = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 50 })))

const Case = Schema.Struct({
  end: Schema.Literals(["answer", "fail", "again", "interrupt"]),
  /** The tokens of the attempts that fail first; 0 for one of which nothing is told. */
  retries: Schema.Array(small).pipe(Schema.check(Schema.isMaxLength(2))),
  input: small,
  output: small,
  delay: small,
  streams: Schema.Boolean,
  nested: Schema.Boolean
})

const Cases = Schema.Array(Case).pipe(Schema.check(Schema.isBetweenLength(1, 8)))

type Case = typeof Case.Type

const qa = Predict.make("question -> answer")
const outer = Module.make("Outer", { qa }, ({ qa }) => (input: { readonly question: string }) => qa(input))
const server = new LMReason.Server({ description: "broken" })

const used = (inputTokens: number, outputTokens: number, calls: number): Usage.Usage => ({
  ...Usage.empty,
  inputTokens,
  outputTokens,
  calls
})

/** What the model says to the attempt of this number at a case. */
const replyTo = ({ delay, end, input, output, retries }: Case, attempt: number): ScriptedLM.Reply => {
  const wait = { delay: delay + 1 }
  const paid = retries[attempt]
  if (paid !== undefined) {
    return ScriptedLM.fail(
      paid === 0 ? server : new LMError({ model: "m", reason: server, usage: used(paid, 0, 1) }),
      [],
      wait
    )
  }
  const usage = used(input, output, 1)
  const refused = new LMReason.InvalidRequest({ description: "no" })
  switch (end) {
    case "answer":
      return ScriptedLM.chat({ answer: "yes" }, { usage, tokens: true, ...wait })
    case "fail":
      return ScriptedLM.fail(new LMError({ model: "m", reason: refused, usage }), [], wait)
    case "again": {
      const reads = ScriptedLM.chat({ answer: "yes" }, { usage }).reads.map(({ events }) => events)
      return ScriptedLM.events([[LMEvent.GivenAgain.make({})], ...reads], wait)
    }
    case "interrupt":
      return ScriptedLM.hang(["x".repeat(4 * output)], wait)
  }
}

/** What a case has to add. What is estimated of the prompt is not said. */
const expected = ({ end, input, output, retries }: Case) => {
  const before = retries.reduce((sum, paid) => sum + paid, 0)
  const isFree = end === "again"
  return {
    inputTokens: before + (end === "answer" || end === "fail" ? input : 0),
    outputTokens: isFree || end === "interrupt" ? 0 : output,
    // What attempts before an answer have cost, no answer that is given again takes away.
    calls: isFree && before === 0 ? 0 : 1,
    retries: retries.length,
    failures: end === "fail" ? 1 : 0
  }
}

const modelOf = (cases: ReadonlyArray<Case>) =>
  Effect.map(
    Effect.suspend(() => {
      const attempts = new Map<number, number>()
      return ScriptedLM.make((request) => {
        const [, number] = /case (\d+)/.exec(JSON.stringify(request.messages))!
        const at = Number(number)
        const attempt = attempts.get(at) ?? 0
        attempts.set(at, attempt + 1)
        return replyTo(cases[at]!, attempt)
      }, { model: "m" })
    }),
    ({ service }) => Layer.succeed(LM, service).pipe(Retry.layer({ delay: 1, times: 5 }))
  )

const runOf = ({ end, nested, streams }: Case, at: number) => {
  const input = { question: `case ${at}` }
  const program: Module.Module<typeof input, { readonly answer: string }, Predict.PredictError, LM, Module.Signatures> =
    nested ? outer : qa
  const run = streams
    ? Stream.runDrain(Streaming.streamify(program)(input))
    : Effect.asVoid(program(input))
  return Effect.exit(end === "interrupt" ? Effect.timeoutOption(run, "1 hour") : run)
}

describe("an account of a random program", () => {
  it.effect.prop(
    "is the sum of what its calls have used",
    { cases: Cases, wide: Schema.Boolean },
    ({ cases, wide }) =>
      Effect.gen(function*() {
        const layer = yield* modelOf(cases)
        const account = yield* Account.make()
        const fiber = yield* Effect.forEach(cases, runOf, { concurrency: wide ? "unbounded" : 2 }).pipe(
          account.count,
          Effect.provide(layer),
          Effect.forkChild
        )
        yield* TestClock.adjust("10 hours")
        yield* Fiber.join(fiber)
        const { entries, total } = yield* account.report

        const sums = cases.map(expected)
        const sum = (key: keyof (typeof sums)[number]) => sums.reduce((all, one) => all + one[key], 0)
        assert.strictEqual(total.usage.calls, sum("calls"))
        assert.strictEqual(total.retries, sum("retries"))
        assert.strictEqual(total.failures, sum("failures"))
        // The prompts of interrupted calls are estimated, and so is what they had begun to say.
        const interrupted = cases.filter(({ end }) => end === "interrupt")
        const said = interrupted.reduce((all, { output, streams }) => all + (streams ? output : 0), 0)
        assert.strictEqual(total.usage.outputTokens, sum("outputTokens") + said)
        assert.strictEqual(total.isEstimated, interrupted.length > 0)
        if (interrupted.length === 0) assert.strictEqual(total.usage.inputTokens, sum("inputTokens"))
        else assert.isAbove(total.usage.inputTokens, sum("inputTokens"))
        // The entries are what the total is made of.
        assert.deepStrictEqual(entries.reduce((all, { usage }) => Usage.add(all, usage), Usage.empty), total.usage)
        assert.isTrue(entries.every(({ path }) => path === "self" || path === "qa"))
      }),
    { arbitrary: { runs: 150, size: 8, seed: 1 }, timeout: 60_000 }
  )
})
