/** A command made from a program: its flags, its help, its exit codes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Module, Predict, Signature } from "effect-lm"
import { Runner } from "effect-lm/cli"
import { ScriptedLM } from "effect-lm/testing"
import { Command, Flag } from "effect/cli"
import { call, parse } from "./echo.ts"
import { run } from "./harness.ts"

describe("bad usage", () => {
  it.effect("an unknown flag, with the one that it is like", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* call(parse("question -> said"), ["--qestion", "x"])
      assert.strictEqual(code, 2)
      assert.include(stderr, "Unrecognized flag: --qestion")
      assert.include(stderr, "--question")
      assert.include(stderr, "For help: echo --help")
      assert.strictEqual(stdout, "")
    }))

  it.effect("--json with --events; numbers out of range", () =>
    Effect.gen(function*() {
      for (
        const args of [["--json", "--events"], ["--temperature", "-1"], ["--max-tokens", "0"], ["--adapter", "yaml"], [
          "extra"
        ]]
      ) {
        const { code } = yield* call(parse("x -> said"), ["--x", "1", ...args])
        assert.strictEqual(code, 2, args.join(" "))
      }
    }))

  it("a program without a signature has no command", () => {
    const program = Module.make("Plain", {}, () => (input: { readonly x: string }) => Effect.succeed(input))
    assert.throws(() => Runner.command("plain", program), /Plain has no signature.*Module.withSignature/)
  })
})

describe("help", () => {
  it.effect("lists the inputs with types and descriptions, on standard output", () =>
    Effect.gen(function*() {
      const signature = Signature.make("question, n: int, tags: list[str], model: Optional[str] -> said", {
        instructions: "Answer well.",
        descriptions: { question: "what to ask" }
      })
      const { code, stderr, stdout } = yield* call(signature, ["--help"])
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr, "")
      assert.match(stdout, /Answer well\./)
      assert.match(stdout, /--question string +what to ask\n/)
      assert.match(stdout, /--n integer +input\n/)
      assert.match(stdout, /--tags Array<string> +input; repeat it, or give a JSON array\n/)
      assert.match(stdout, /--model string \| null +input; may be left out\n/)
      assert.match(stdout, /--run-model provider\/name/)
    }))

  it.effect("shows the defaults of inputs", () =>
    Effect.gen(function*() {
      const signature = Signature.fromSchemas({
        inputs: {
          points: Schema.Int.pipe(Schema.withDecodingDefault(Effect.succeed(7))),
          note: Schema.optionalKey(Schema.String)
        },
        outputs: { said: Schema.String }
      })
      const { stdout } = yield* call(signature, ["--help"])
      assert.match(stdout, /--points .*may be left out, and is 7 then\n/)
      assert.match(stdout, /--note string +input; may be left out\n/)
    }))
})

describe("flags of a command of one's own", () => {
  const signature = Signature.make("question, n: int, tags: list[str], note: Optional[str], ok: bool -> said")
  const ask = (args: ReadonlyArray<string>) => {
    const heard: Array<unknown> = []
    const command = Command.make(
      "ask",
      { inputs: Runner.flags(signature), loud: Flag.Boolean("loud") },
      ({ inputs, loud }) => Effect.sync(() => void heard.push({ ...inputs, loud }))
    )
    return Effect.map(run(Runner.runWith(command, { version: "0" })(args)), (outcome) => ({ ...outcome, heard }))
  }

  it.effect("are the inputs and nothing else, typed as the program takes them", () =>
    Effect.gen(function*() {
      const { code, heard, stderr } = yield* ask(
        ["--question", "why", "--n", "3", "--tags", "a", "--tags", "b", "--no-ok", "--loud"]
      )
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(heard, [{ question: "why", n: 3, tags: ["a", "b"], note: null, ok: false, loud: true }])
      const { stdout } = yield* ask(["--help"])
      assert.match(stdout, /--question string +input\n/)
      assert.notMatch(stdout, /--json|--model|--field/)
      const typed: Flag.Flag<number> = Runner.flags(signature).n
      assert.isDefined(typed)
      // @ts-expect-error an input that the signature does not have
      assert.isUndefined(Runner.flags(signature).other)
    }))

  it.effect("own their names: the command's own help gives way", () =>
    Effect.gen(function*() {
      const heard: Array<unknown> = []
      const command = Command.make("ask", {
        inputs: Runner.flags("help, v: int, log_level -> said"),
        loud: Flag.Boolean("loud").pipe(Flag.withDefault(false))
      }, ({ inputs, loud }) => Effect.sync(() => void heard.push({ ...inputs, loud })))
      const tool = Command.make("tool").pipe(Command.withSubcommands([command]))
      const call = (args: ReadonlyArray<string>) => run(Runner.runWith(tool, { version: "3.2.1" })(["ask", ...args]))
      const { code, stderr } = yield* call(["--help", "me", "--v", "5", "--log-level", "high"])
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(heard, [{ help: "me", v: 5, log_level: "high", loud: false }])
      const { stdout } = yield* call(["--run-help"])
      for (const flag of [/--help string +input\n/, /--run-help/, /--version /, /--run-log-level/]) {
        assert.match(stdout, flag)
      }
      assert.include((yield* call(["--version"])).stdout, "3.2.1")
      const { stderr: bad } = yield* call([])
      assert.include(bad, "For help: tool ask --run-help")
    }))

  it.effect("are checked before the command runs", () =>
    Effect.gen(function*() {
      for (
        const [args, message] of [
          [[], "Missing required flag: --question"],
          [["--question", "x", "--n", "five", "--tags", "a", "--ok"], "flag --n: \"five\". Expected integer"]
        ] as const
      ) {
        const { code, heard, stderr } = yield* ask(args)
        assert.strictEqual(code, 2)
        assert.include(stderr, message)
        assert.lengthOf(heard, 0)
      }
    }))

  it.effect("an input that may be left out is undefined, or its default", () =>
    Effect.gen(function*() {
      const optional = Signature.fromSchemas({
        inputs: {
          note: Schema.optionalKey(Schema.String),
          n: Schema.Int.pipe(Schema.withDecodingDefault(Effect.succeed(7)))
        },
        outputs: { said: Schema.String }
      })
      const heard: Array<unknown> = []
      const command = Command.make(
        "ask",
        Runner.flags(optional),
        (inputs) => Effect.sync(() => void heard.push(inputs))
      )
      yield* run(Runner.runWith(command, { version: "0" })([]))
      assert.deepStrictEqual(heard, [{ note: undefined, n: 7 }])
    }))
})

describe("generation settings and adapter", () => {
  const program = Predict.make("question -> answer", { config: { temperature: 0.1, seed: 7 } })
  const ask = (...args: ReadonlyArray<string>) =>
    Effect.map(
      run(Runner.runWith(Runner.command("qa", program), { version: "0" })(["--question", "q", ...args]), {
        script: () => args.includes("json") ? ScriptedLM.json({ answer: "a" }) : ScriptedLM.chat({ answer: "a" })
      }),
      ({ requests }) => requests[0]!
    )

  it.effect("flags win over what the program sets, and leave the rest", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* ask()).config, { temperature: 0.1, seed: 7 })
      const { config } = yield* ask("--temperature", "0.9", "--max-tokens", "50")
      assert.deepStrictEqual(config, { temperature: 0.9, seed: 7, maxTokens: 50 })
    }))

  it.effect("--adapter chooses the form of the reply", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* ask()).responseFormat._tag, "Text")
      assert.notStrictEqual((yield* ask("--adapter", "json")).responseFormat._tag, "Text")
    }))
})
