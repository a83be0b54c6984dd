/** A command made from a program: its flags, its inputs, its exit codes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Module, Predict, Signature } from "effect-lm"
import { Runner } from "effect-lm/cli"
import * as LMError from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { Command, Flag } from "effect/cli"
import { writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { run, type World } from "./harness.ts"

/** A program that answers with its inputs, as JSON. */
const echo = (signature: Signature.Any) =>
  Module.make(
    "Echo",
    {},
    () => (input: Readonly<Record<string, unknown>>) => Effect.succeed({ said: JSON.stringify(input) })
  )
    .pipe(Module.withSignature(signature as Signature.Signature<{}, { readonly said: typeof Schema.String }>))

const call = (signature: Signature.Any, args: ReadonlyArray<string>, world?: World) =>
  run(Runner.runWith(Runner.command("echo", echo(signature)), { version: "0" })(args), world)

/** What the program is called with. */
const inputs = (signature: Signature.Any, args: ReadonlyArray<string>, world?: World) =>
  Effect.map(call(signature, [...args, "--json"], world), ({ code, stderr, stdout }) => {
    assert.strictEqual(code, 0, stderr)
    return JSON.parse(JSON.parse(stdout).said) as unknown
  })

const parse = (text: string): Signature.Any => Signature.from(text)

describe("an input is a flag, read by its type", () => {
  const good: ReadonlyArray<readonly [type: string, args: ReadonlyArray<string>, value: unknown]> = [
    ["str", ["--x", "5"], "5"],
    ["str", ["--x", ""], ""],
    ["str", ["--x=--json"], "--json"],
    ["str", ["--x", "{\"a\": 1}"], "{\"a\": 1}"],
    ["Optional[str]", ["--x", "null"], "null"],
    ["Optional[str]", [], null],
    ["int", ["--x", "-5"], -5],
    ["int", ["--x", "1e3"], 1000],
    ["float", ["--x", ".5"], 0.5],
    ["Optional[int]", ["--x", "null"], null],
    ["Optional[int]", ["--x", "3"], 3],
    ["bool", ["--x"], true],
    ["bool", ["--no-x"], false],
    ["bool", ["--x", "false"], false],
    ["bool", ["--x=true"], true],
    ["Optional[bool]", ["--x", "no"], false],
    ["'a' | 'b'", ["--x", "b"], "b"],
    ["'1' | '2'", ["--x", "2"], "2"],
    ["list[str]", ["--x", "a"], ["a"]],
    ["list[str]", ["--x", "a", "--x", "b, c"], ["a", "b, c"]],
    ["list[str]", ["--x", "[\"a\", \"b\"]"], ["a", "b"]],
    ["list[str]", ["--x", "[1] Smith"], ["[1] Smith"]],
    ["list[str]", ["--x", "[1]"], ["[1]"]],
    ["list[str]", ["--x", "5"], ["5"]],
    ["list[str]", ["--x", "[]"], []],
    ["list[int]", ["--x", "1", "--x", "2"], [1, 2]],
    ["list[int]", ["--x", "[1, 2]"], [1, 2]],
    ["list[bool]", ["--x", "true", "--x", "no"], [true, false]],
    ["list[list[int]]", ["--x", "[1]", "--x", "[2]"], [[1], [2]]],
    ["list[list[int]]", ["--x", "[1]"], [[1]]],
    ["list[list[int]]", ["--x", "[[1], [2]]"], [[1], [2]]],
    ["Optional[list[str]]", ["--x", "a", "--x", "b"], ["a", "b"]],
    ["dict[str, int]", ["--x", "{\"a\": 1}"], { a: 1 }],
    ["int | str", ["--x", "1"], 1],
    ["int | str", ["--x", "one"], "one"],
    ["Any", ["--x", "[1, {}]"], [1, {}]],
    ["Any", ["--x", "plain"], "plain"]
  ]
  it.effect.each(good)("%s %j", ([type, args, value]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* inputs(parse(`x: ${type} -> said`), args), { x: value })
    }))

  const bad: ReadonlyArray<readonly [type: string, args: ReadonlyArray<string>, message: string]> = [
    ["int", ["--x", "five"], "flag --x: \"five\". Expected integer"],
    ["int", ["--x", "1.5"], "flag --x: \"1.5\". Expected"],
    ["int", ["--x", "1", "--x", "2"], "at most 1 value"],
    ["float", ["--x", "0x10"], "Expected number"],
    ["bool", ["--x=maybe"], "flag --x: \"maybe\""],
    ["'a' | 'b'", ["--x", "c"], "Expected a | b"],
    ["list[int]", ["--x", "1", "--x", "two"], "item 2: expected"],
    ["list[int]", ["--x", "[1, \"two\"]"], "item 2: expected"],
    ["dict[str, int]", ["--x", "{a: 1}"], "Expected Record<string, integer> as JSON"],
    ["str", ["--x"], "Missing value for flag --x"],
    ["bool", ["--x", "maybe"], "flag --x: \"maybe\""],
    ["bool", ["--field-x", "maybe"], "flag --field-x: \"maybe\""],
    ["bool", ["--no-x", "maybe"], "flag --x: \"maybe\""],
    ["int", ["--field-x", "five"], "flag --field-x: \"five\". Expected integer"]
  ]
  it.effect.each(bad)("bad usage: %s %j", ([type, args, message]) =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* call(parse(`x: ${type} -> said`), args)
      assert.strictEqual(code, 2)
      assert.include(stderr, message)
      assert.strictEqual(stdout, "")
    }))

  it.effect("schemas: constraints, defaults, values that JSON has not", () =>
    Effect.gen(function*() {
      const signature = Signature.fromSchemas({
        inputs: {
          day: Schema.DateFromString,
          points: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 })),
          note: Schema.optionalKey(Schema.String)
        },
        outputs: { said: Schema.String }
      })
      const day = "2026-01-02T00:00:00.000Z"
      assert.deepStrictEqual(yield* inputs(signature, ["--day", day, "--points", "7"]), { day, points: 7 })
      const { code, stderr } = yield* call(signature, ["--day", day, "--points", "11"])
      assert.strictEqual(code, 2)
      assert.include(stderr, "--points: \"11\"")
    }))

  it.effect("dashes may stand for underscores", () =>
    Effect.gen(function*() {
      const signature = parse("key_points: list[str] -> said")
      assert.deepStrictEqual(yield* inputs(signature, ["--key_points", "a", "--key-points", "b"]), {
        key_points: ["a", "b"]
      })
    }))

  const shadowing = ["model", "base_url", "adapter", "module", "instructions", "temperature", "max_tokens", "no_stream"]
    .concat("json", "events", "input", "help", "h", "version", "v", "log_level", "completions", "approve", "tools")

  it.effect.each(["", "field-"])(
    "an input owns its plain name, whatever flags there are: --%sNAME",
    (prefix) =>
      Effect.gen(function*() {
        const signature = parse(`${shadowing.join(", ")} -> said`)
        const { code, stderr, stdout } = yield* call(signature, [
          ...shadowing.flatMap((name) => [`--${prefix}${name}`, name]),
          "--run-json"
        ])
        assert.strictEqual(code, 0, stderr)
        assert.deepStrictEqual(
          JSON.parse(JSON.parse(stdout).said),
          Object.fromEntries(shadowing.map((name) => [name, name]))
        )
        const { stderr: missing } = yield* call(parse("model -> said"), ["--run-model", "openai/x"])
        assert.include(missing, "the input model is missing: give --model (string), or --input FILE with")
      })
  )

  it.effect("a flag that an input shadows is written --run-NAME, and help and messages show it so", () =>
    Effect.gen(function*() {
      const signature = parse("json, help, h, log_level, max_tokens: int, run_events, events -> said")
      const { stdout } = yield* call(signature, ["--run-help"])
      for (const name of ["run-json", "run-log-level", "run-max-tokens", "run-run-events", "run-help"]) {
        assert.match(stdout, new RegExp(`--${name}\\b`), name)
      }
      assert.notMatch(stdout, /--field-|[ ,]-h\b/)
      const given = ["--json=a", "--help=b", "--h=c", "--log-level=d", "--max-tokens=5", "--run-events=e", "--events=f"]
      const { code, stderr } = yield* call(signature, [...given, "--run-json", "--run-run-events"])
      assert.strictEqual(code, 2)
      assert.include(stderr, "--run-json and --run-run-events exclude each other")
      const unknown = yield* call(signature, ["--jsn", "x"])
      assert.include(unknown.stderr, "For help: echo --run-help")
      const settings = yield* call(signature, [...given, "--run-log-level", "loud"])
      assert.strictEqual(settings.code, 2)
      assert.include(settings.stderr, "--run-log-level")
    }))

  it.effect("boolean inputs do not take the names of other flags", () =>
    Effect.gen(function*() {
      const signature = parse("stream: bool, a: bool, no_a -> said")
      assert.deepStrictEqual(
        yield* inputs(signature, ["--stream", "--a", "--no-a", "text", "--no-stream"]),
        { stream: true, a: true, no_a: "text" }
      )
    }))
})

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

describe("--input", () => {
  const signature = parse("question, tags: list[str] -> said")

  it.effect("takes one JSON object from standard input; flags win", () =>
    Effect.gen(function*() {
      const stdin = JSON.stringify({ question: "q", tags: ["a"] })
      assert.deepStrictEqual(yield* inputs(signature, ["--input", "-"], { stdin }), { question: "q", tags: ["a"] })
      assert.deepStrictEqual(
        yield* inputs(signature, ["--input", "-", "--question", "flag"], { stdin }),
        { question: "flag", tags: ["a"] }
      )
    }))

  it.effect("takes one from a file", () =>
    Effect.gen(function*() {
      const file = join(tmpdir(), `effect-lm-input-${process.pid}.json`)
      writeFileSync(file, "{\"question\": \"q\", \"tags\": []}")
      assert.deepStrictEqual(yield* inputs(signature, ["--input", file]), { question: "q", tags: [] })
    }))

  it.effect("says what is wrong with it", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [stdin: string, message: string]> = [
        ["", "--input -: it is not JSON"],
        ["[1]", "--input -: it must hold one JSON object"],
        ["{\"question\": 1, \"tags\": []}", "--input -: the input question: expected string"],
        ["{\"question\": \"\", \"tags\": [\"a\", 2]}", "--input -: the input tags: item 2: expected string"],
        [
          "{\"question\": \"\", \"tags\": [], \"tag\": 1}",
          "--input -: the input tag: is not an input; there are: question, tags"
        ],
        ["{\"question\": \"\"}", "--input -: the input tags is missing: give --tags"],
        ["{\"question\": \"\"}", "or add {\"tags\": ...}"]
      ]
      for (const [stdin, message] of cases) {
        const { code, stderr } = yield* call(signature, ["--input", "-"], { stdin })
        assert.strictEqual(code, 2, stdin)
        assert.include(stderr, message)
      }
      const { code, stderr } = yield* call(signature, ["--input", "no-such-file.json"])
      assert.strictEqual(code, 2)
      assert.include(stderr, "--input no-such-file.json: there is no such file")
    }))

  it.effect("what a flag of the input says is not the file's", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* call(signature, ["--input", "-", "--tags", "a"], {
        stdin: "{\"question\": 1, \"tags\": 1}"
      })
      assert.strictEqual(code, 2)
      assert.strictEqual(stderr, "error: --input -: the input question: expected string\n")
    }))

  it.effect("names from outside reach no prototype", () =>
    Effect.gen(function*() {
      const stdin = "{\"question\": \"q\", \"tags\": [], \"__proto__\": {\"polluted\": true}}"
      const { code, stderr } = yield* call(signature, ["--input", "-"], { stdin })
      assert.strictEqual(code, 2)
      assert.include(stderr, "the input __proto__: is not an input")
      assert.notProperty({}, "polluted")
    }))
})

describe("missing inputs", () => {
  it.effect("are bad usage where nobody can be asked: each is named, with its flag", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* call(parse("question, n: int, note: Optional[str] -> said"), [])
      assert.strictEqual(code, 2)
      assert.include(
        stderr,
        "the input question is missing: give --question (string), or --input FILE with {\"question\": ...}"
      )
      assert.include(stderr, "the input n is missing: give --n (integer)")
      assert.notInclude(stderr, "note")
      assert.strictEqual(stdout, "")
    }))

  it.effect("are asked for on a terminal, each by its type; questions go to standard error", () =>
    Effect.gen(function*() {
      const signature = parse(
        "question, n: int, mode: 'a' | 'b', flag: bool, tags: list[int], map: dict[str, int] -> said"
      )
      const keys = [..."why", "enter"]
        .concat("x", "enter", "backspace", "4", "enter") // not an integer: asks again
        .concat("down", "enter")
        .concat("enter")
        .concat("1", "enter", "2", "enter", "enter")
        .concat([..."{\"a\":1}"], "enter")
      const { code, stderr, stdout } = yield* call(signature, ["--json"], { keys })
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), {
        question: "why",
        n: 4,
        mode: "b",
        flag: false,
        tags: [1, 2],
        map: { a: 1 }
      })
      assert.include(stderr, "Expected integer")
    }))

  it.effect("lines that are pasted at once answer one question after the other", () =>
    Effect.gen(function*() {
      const signature = parse("q, n: int, mode: 'aa' | 'bb', tags: list[str] -> said")
      for (const end of [["return"], ["return", "enter"]]) {
        const keys = ["a", "42", "bb", "x", "y", ""].flatMap((line) => Array.from(line).concat(end))
        const { code, stderr, stdout } = yield* call(signature, ["--json"], { keys })
        assert.strictEqual(code, 0, stderr)
        assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), { q: "a", n: 42, mode: "bb", tags: ["x", "y"] })
      }
    }))

  it.effect("a text that the terminal says is pasted keeps its lines, where an answer may have some", () =>
    Effect.gen(function*() {
      const pasted = (...keys: ReadonlyArray<string>) => ["paste-start", ...keys, "paste-end", "return"]
      // CR, LF, and both in a row.
      const ends = [["return"], ["enter"], ["return", "enter"]]
      let stderr = ""
      for (const end of ends) {
        const keys = [...pasted("a", ...end, "b", ...end, ...end, "c"), ...pasted("x", ...end, "y", ...end)]
        const shown = yield* call(parse("q, tags: list[str] -> said"), ["--json"], { keys })
        assert.deepStrictEqual(JSON.parse(JSON.parse(shown.stdout).said), { q: "a\nb\n\nc", tags: ["x", "y"] })
        stderr = shown.stderr
      }
      // The terminal is told to say so, and not to any more.
      assert.isTrue(stderr.startsWith("\u001b[?2004h"))
      assert.include(stderr, "\u001b[?2004l")
    }))

  it.effect("wide characters are measured, and are one character to whoever edits", () =>
    Effect.gen(function*() {
      const keys = [..."日本", "👩‍👩‍👧", "left", "backspace", "enter"]
      const { stderr, stdout } = yield* call(parse("q -> said"), ["--json"], { keys, env: { NO_COLOR: "1" } })
      assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), { q: "日👩‍👩‍👧" })
      // Two columns each, after those of `? q › `.
      assert.include(stderr, "? q › 日本👩‍👩‍👧\r\u001b[12C")
      assert.include(stderr, "? q › 日本👩‍👩‍👧\r\u001b[10C")
      assert.include(stderr, "? q › 日👩‍👩‍👧\r\u001b[8C")
    }))

  it.effect("an answer that fills the line goes on in the next", () =>
    Effect.gen(function*() {
      const keys = [..."語".repeat(37), "!", "enter"]
      const { stderr } = yield* call(parse("q -> said"), ["--json"], { keys, env: { NO_COLOR: "1" } })
      // 6 columns, 74 of the answer, and one in the next row.
      assert.include(stderr, `${"語".repeat(37)}!\r\u001b[1C`)
      assert.include(stderr, "\u001b[1A\r\u001b[J")
    }))

  it.effect("nobody is asked on a terminal that cannot show a question again (TERM=dumb)", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* call(parse("a -> said"), [], { keys: ["x", "enter"], env: { TERM: "dumb" } })
      assert.strictEqual(code, 2)
      assert.include(stderr, "the input a is missing")
    }))

  it.effect("nobody is asked where the run cannot begin: bad usage, no model", () =>
    Effect.gen(function*() {
      const wrong = yield* call(parse("a, b: int -> said"), ["--input", "-"], {
        keys: ["x", "enter"],
        stdin: "{\"b\":\"c\"}"
      })
      assert.strictEqual(wrong.code, 2)
      assert.strictEqual(wrong.stderr, "error: --input -: the input b: expected number\n")
      const none = yield* call(parse("a -> said"), [], {
        keys: ["x", "enter"],
        noModel: new LMError.LMError({
          model: "m",
          reason: new LMError.UnsupportedModel({ description: "no runtime" })
        })
      })
      assert.strictEqual(none.code, 1)
      assert.strictEqual(none.stderr, "error: m: no runtime\n")
    }))

  it.effect("what was given is not asked for", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* call(parse("a, b -> said"), ["--a", "1", "--json"], { keys: ["2", "enter"] })
      assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), { a: "1", b: "2" })
      assert.notInclude(stderr, "item")
    }))

  it.effect("leaving the question interrupts the command", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(call(parse("a -> said"), [], { keys: ["x", "ctrl-c"] }))
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons.every((reason) => reason._tag === "Interrupt"))
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
