/** Inputs and outputs of every type that a signature's text can have, on a command line. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, SchemaGetter } from "effect"
import { Module, Predict, Signature } from "effect-lm"
import { Main, Runner } from "effect-lm/cli"
import { call as echo } from "./echo.ts"
import { run } from "./harness.ts"

/** Runs a program that answers with its inputs as JSON, which it was given as values. */
const call = (text: string, args: ReadonlyArray<string>) => {
  const signature = Signature.from(`${text} -> said`)
  const echo = Module.make(
    "Echo",
    {},
    () => (input: Readonly<Record<string, unknown>>) =>
      Effect.succeed({ said: JSON.stringify(Signature.encodeInputs(signature, input)) })
  ).pipe(Module.withSignature(signature as Signature.Signature<{}, {}>))
  return run(Runner.runWith(Runner.command("echo", echo), { version: "0" })(args))
}

describe("inputs as flags", () => {
  const good: ReadonlyArray<readonly [inputs: string, args: ReadonlyArray<string>, json: unknown]> = [
    ["x: datetime", ["--x", "2026-01-02T03:04:05+01:00"], { x: "2026-01-02T02:04:05.000Z" }],
    ["x: date", ["--x", "2026-01-02"], { x: "2026-01-02" }],
    ["x: Date", ["--x", "2026-01-02"], { x: "2026-01-02T00:00:00.000Z" }],
    ["x: set[str]", ["--x", "a", "--x", "b", "--x", "a"], { x: ["a", "b"] }],
    ["x: list[date]", ["--x", "2026-01-02", "--x", "2026-01-03"], { x: ["2026-01-02", "2026-01-03"] }],
    ["x: tuple[int, str]", ["--x", "[1, \"a\"]"], { x: [1, "a"] }],
    ["x: { a: int, b?: str }", ["--x", "{\"a\": 1}"], { x: { a: 1 } }],
    ["x: { a: int }[]", ["--x", "{\"a\": 1}", "--x", "{\"a\": 2}"], { x: [{ a: 1 }, { a: 2 }] }],
    ["x: int = 3, y: str = 'a b', z?: bool", [], { x: 3, y: "a b" }],
    ["x: int = 3", ["--x", "4"], { x: 4 }],
    ["x: date = '2026-01-02'", [], { x: "2026-01-02" }],
    ["вопрос, ключ_слова: list[str]", ["--вопрос", "где?", "--ключ-слова", "да"], {
      вопрос: "где?",
      ключ_слова: ["да"]
    }],
    ["été", ["--e\u0301te\u0301", "oui"], { été: "oui" }],
    ["été", ["--e\u0301te\u0301=e\u0301"], { été: "e\u0301" }]
  ]
  it.effect.each(good)("%s %j", ([inputs, args, json]) =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* call(inputs, [...args, "--json"])
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), json)
    }))

  it.effect("are decoded once: a flag, a switch, a list, and what is typed at a question", () =>
    Effect.gen(function*() {
      const decoded: Array<string> = []
      const counted = <A, T extends Schema.Codec<A, A>>(schema: T) =>
        schema.pipe(Schema.decodeTo(Schema.toType(schema), {
          decode: SchemaGetter.transform((value: A) => {
            decoded.push(JSON.stringify(value))
            return value
          }),
          encode: SchemaGetter.passthrough()
        }))
      const signature = Signature.fromSchemas({
        inputs: {
          flag: counted(Schema.Boolean),
          items: Schema.Array(counted(Schema.Finite)),
          text: counted(Schema.String),
          typed: counted(Schema.String)
        },
        outputs: { said: Schema.String }
      })
      const args = ["--flag", "--items", "1", "--items", "2", "--text", "a", "--json"]
      const { code, stderr, stdout } = yield* echo(signature, args, { keys: ["b", "enter"] })
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(JSON.parse(JSON.parse(stdout).said), { flag: true, items: [1, 2], text: "a", typed: "b" })
      assert.deepStrictEqual(decoded.sort(), ["\"a\"", "\"b\"", "1", "2", "true"])
    }))

  const bad: ReadonlyArray<readonly [inputs: string, args: ReadonlyArray<string>, message: string]> = [
    ["x: datetime", ["--x", "Item 5"], "Expected string, a date and time in ISO 8601"],
    ["x: date", ["--x", "2026-02-30"], "Expected string, a date as YYYY-MM-DD"],
    ["x: tuple[int, str]", ["--x", "[1]"], "Expected [integer, string] as JSON"],
    ["x: { a: int }", ["--x", "{\"b\": 1}"], "a: is missing"],
    ["x: int = 3", ["--x", "three"], "Expected integer"],
    ["été", [], "the input été is missing: give --été (string)"]
  ]
  it.effect.each(bad)("bad usage: %s %j", ([inputs, args, message]) =>
    Effect.gen(function*() {
      const { code, stderr } = yield* call(inputs, args)
      assert.strictEqual(code, 2)
      assert.include(stderr, message)
    }))

  it.effect("help shows what may be left out, and what it is then", () =>
    Effect.gen(function*() {
      const { stdout } = yield* call("q, k: int = 3, tags: set[str] = [], since?: date, вопрос", ["--help"])
      assert.match(stdout, /--k integer +input; may be left out, and is 3 then/)
      assert.match(stdout, /--tags Array<string> +input; no item twice; .*may be left out, and is \[\] then/)
      assert.match(stdout, /--since string +input; a date as YYYY-MM-DD; may be left out\n/)
      assert.match(stdout, /--вопрос string +input\n/)
    }))
})

describe("outputs", () => {
  it.effect("are written as JSON has them, and what was left out is not", () =>
    Effect.gen(function*() {
      const ask = Predict.make("q -> on: date, tags: set[str], pair: [int, str], note?: str, style = 'plain'")
      const script = [JSON.stringify({ on: "Jan 2, 2026", tags: ["a"], pair: [1, "b"] })]
      const command = Runner.command("ask", ask)
      const main = (args: ReadonlyArray<string>) =>
        run(Runner.runWith(command, { version: "0" })(["--q", "?", "--adapter", "json", ...args]), { script })
      const { stdout } = yield* main(["--json"])
      assert.deepStrictEqual(JSON.parse(stdout), { on: "2026-01-02", tags: ["a"], pair: [1, "b"], style: "plain" })
      const streamed = yield* main([])
      assert.include(streamed.stdout, "2026-01-02")
      assert.include(streamed.stdout, "[\"a\"]")
    }))
})

describe("a signature as the program", () => {
  it.effect("is read in Unicode's normal form", () =>
    Effect.gen(function*() {
      const script = ["[[ ## réponse ## ]]\noui\n\n[[ ## completed ## ]]"]
      const args = ["run", "e\u0301te\u0301 -> re\u0301ponse", "--été", "?", "--json"]
      const { code, stderr, stdout } = yield* run(Main.main(args, { version: "0" }), { script })
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(JSON.parse(stdout), { réponse: "oui" })
    }))

  it.effect("with a type that is not known is refused with what there is", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* run(Main.main(["run", "q -> a: strng", "--q", "?"], { version: "0" }))
      assert.strictEqual(code, 2)
      assert.include(stderr, "unknown type 'strng': there are str, int, float, bool, Any, None, datetime, date")
      assert.include(stderr, "Signature.fromSchemas")
    }))
})
