/** What a command is given: flags, each read by its type, and one JSON object. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Signature } from "effect-lm"
import { writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { call, inputs, parse } from "./echo.ts"

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
