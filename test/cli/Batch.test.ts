/** effect-lm batch: rows in, lines out, in order, and from where it was. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { LMReason } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { mkdirSync, rmSync } from "node:fs"
import { textAt } from "../support/said.ts"
import { echo, folder, ndjson } from "./batchFolder.ts"

const qa = "question -> answer"
const files = ["--input", "@rows.ndjson", "--output", "@out.ndjson"]
const questions = (...names: ReadonlyArray<string>) => ndjson(names.map((question) => ({ question })))
const answered = (index: number, question: string) => ({ index, fields: { answer: `re ${question}` } })

const failing = (reason: LMReason.Reason) =>
  echo((question) => question.startsWith("bad") ? ScriptedLM.fail(reason) : undefined)

const invalid = new LMReason.InvalidRequest({ description: "400 no" })

describe("rows", () => {
  it.effect("each has a line, in order, and what is wrong with one is its error", () =>
    Effect.gen(function*() {
      const { batch, lines, names, write } = yield* folder
      write(
        "rows.ndjson",
        "{\"question\":\"one\",\"expected\":\"1\"}\n\nnot json\n[1]\n{\"q\":1}\r\n{\"question\":5}\n{\"question\":\"bad\"}\n{\"question\":\"last\"}"
      )
      const { code, stderr, stdout } = yield* batch([qa, ...files], failing(invalid))
      assert.strictEqual(code, 1)
      assert.strictEqual(stdout, "")
      const out = lines("out.ndjson")
      assert.deepStrictEqual(out[0], answered(0, "one"))
      assert.deepStrictEqual(out[6], answered(6, "last"))
      assert.deepStrictEqual(out[5]?.error, {
        _tag: "LMError",
        reason: "InvalidRequest",
        message: "Predict (scripted/test): 400 no"
      })
      assert.match(out[1]!.error!.message, /^line 3: it is not JSON: /)
      assert.deepStrictEqual(out.slice(2, 5).map(({ error }) => error!.message), [
        "line 4: it must be a JSON object with the inputs",
        "line 5: the input question is missing; there is q",
        "line 6: the input question: expected string"
      ])
      assert.match(stderr, /\[out.ndjson: 2 rows answered, 5 failed; 6 tokens, [\d.]+ s\]\n/)
      assert.include(stderr, "error: 5 of 7 rows have failed, see out.ndjson; with --retry-failed they are asked again")
      assert.deepStrictEqual(names(), ["out.ndjson", "out.ndjson.part", "rows.ndjson"])
    }))

  it.effect("of CSV are read by their columns, cells by the type of their input", () =>
    Effect.gen(function*() {
      const { batch, lines, write } = yield* folder
      write(
        "rows.CSV",
        "\uFEFFid, question,n,tags,photo\r\n1,\"a \"\"b\"\"\nc\",3,\"[\"\"x\"\"]\",\r\n2,d,many,y,\r\n\r\n3,e\r\n4,f,,z,./cat.png\r\n" +
          "5,g,,z,https://x.test/y.png"
      )
      const { code, requests } = yield* batch(
        [
          "question, n: int, tags: list[str], photo?: Image -> answer",
          "--input",
          "@rows.CSV",
          "--output",
          "@out.ndjson",
          "--n",
          "7"
        ],
        echo()
      )
      assert.strictEqual(code, 1)
      const out = lines("out.ndjson")
      assert.deepStrictEqual(out[0], answered(0, "a \"b\""))
      assert.deepStrictEqual(out.slice(1, 4).map(({ error }) => error!.message), [
        "record 3: the input n: Expected integer",
        "record 5: it has 2 cells, and the first record has 5",
        "record 6: the input photo: Expected an address or a data URI; no path is read from rows"
      ])
      assert.deepStrictEqual(out[4], answered(4, "g"))
      assert.include(textAt(requests[0], -1), "[[ ## n ## ]]\n3")
      assert.include(textAt(requests[1], -1), "[[ ## n ## ]]\n7")
    }))

  it.effect("a flag is for rows that lack its input", () =>
    Effect.gen(function*() {
      const { batch, write } = yield* folder
      write("rows.ndjson", ndjson([{ question: "a" }, { question: "b", context: "mine" }]))
      const { code, requests } = yield* batch(["context, question -> answer", ...files, "--context", "theirs"], echo())
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(requests.map((request) => /theirs|mine/.exec(textAt(request, -1))?.[0]), [
        "theirs",
        "mine"
      ])
    }))

  it.effect("come from standard input, once", () =>
    Effect.gen(function*() {
      const { batch, lines } = yield* folder
      const args = [qa, "--input", "-", "--output", "@out.ndjson"]
      const { code } = yield* batch(args, { ...echo(), stdin: questions("a", "b") })
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(lines("out.ndjson"), [answered(0, "a"), answered(1, "b")])
      const again = yield* batch(args, { stdin: questions("a", "b") })
      assert.strictEqual(again.code, 2)
      assert.include(again.stderr, "its lines answer rows of a pipe, which cannot be read again")
    }))

  it.effect("run in a module of a file, and what it has of faults are errors of its rows", () =>
    Effect.gen(function*() {
      for (
        const [name, _tag, message] of [
          ["program", "TypeError", "bad a"],
          ["expected", "Error", "no a today"],
          ["object", "Error", "Failing failed of {\"my\":\"object\"}"],
          ["nothing", "Error", "Dying failed of "],
          ["interrupting", "Interrupted", "the program has interrupted itself"],
          ["lacking", "TypeError", "does not say: answer: "]
        ] as const
      ) {
        const { batch, lines, write } = yield* folder
        write("rows.ndjson", questions("a"))
        const { code } = yield* batch([new URL(`fixtures/faults.ts#${name}`, import.meta.url).href, ...files])
        assert.strictEqual(code, 1, name)
        const { error } = lines("out.ndjson")[0]!
        assert.strictEqual(error?._tag, _tag, name)
        assert.include(error?.message, message, name)
      }
    }))

  it.effect("a key that is refused is refused for all: the batch ends, and no row has failed", () =>
    Effect.gen(function*() {
      const { batch, lines, write } = yield* folder
      write("rows.ndjson", questions("a", "bad", "c"))
      const refused = new LMReason.Authentication({ description: "401 no such key" })
      const args = [qa, ...files, "--concurrency", "1"]
      const { code, stderr } = yield* batch(args, failing(refused))
      assert.strictEqual(code, 1)
      assert.include(stderr, "[Stopped after 1/3 rows: the same command goes on from there]")
      assert.include(stderr, "error: Predict (scripted/test): 401 no such key")
      assert.deepStrictEqual(lines("out.ndjson"), [answered(0, "a")])
      const { asked } = yield* batch(args, echo())
      assert.deepStrictEqual(asked, ["bad", "c"])
    }))
})

describe("a later start", () => {
  it.effect("asks what is new, and nothing where all is done", () =>
    Effect.gen(function*() {
      const { batch, lines, read, write } = yield* folder
      // Without an end of the last line.
      write("rows.ndjson", questions("a", "b").trimEnd())
      yield* batch([qa, ...files], echo())
      const done = read("out.ndjson")
      const again = yield* batch([qa, ...files])
      assert.strictEqual(again.code, 0)
      assert.include(again.stderr, "[out.ndjson: 2 rows answered, 0 failed; nothing was left to ask]")
      assert.strictEqual(read("out.ndjson"), done)
      write("rows.ndjson", questions("a", "b", "c"))
      const { asked } = yield* batch([qa, ...files], echo())
      assert.deepStrictEqual(asked, ["c"])
      assert.deepStrictEqual(lines("out.ndjson"), ["a", "b", "c"].map((name, index) => answered(index, name)))
    }))

  it.effect("with another input, signature, model or setting is refused, and changes nothing", () =>
    Effect.gen(function*() {
      const { batch, read, write } = yield* folder
      write("rows.ndjson", questions("a", "b"))
      yield* batch([qa, ...files], echo())
      const done = [read("out.ndjson"), read("out.ndjson.part")]
      const refused = Effect.fnUntraced(function*(said: string, args: ReadonlyArray<string>, model?: string) {
        const { code, stderr } = yield* batch(args, { model: model! })
        assert.strictEqual(code, 2, said)
        assert.include(stderr, `--output out.ndjson: its lines answer ${said}`)
        assert.deepStrictEqual([read("out.ndjson"), read("out.ndjson.part")], done)
      })
      yield* refused("another signature (question: string -> answer: string)", ["question -> answer: int", ...files])
      yield* refused("another model (scripted/test)", [qa, ...files], "other/model")
      for (
        const flags of [["--temperature", "0"], ["--instructions", "Be brief."], ["--module", "chain-of-thought"], [
          "--adapter",
          "json"
        ]]
      ) {
        yield* refused("", [qa, ...files, ...flags])
      }
      write("rows.ndjson", questions("a", "c"))
      yield* refused("another input, whose 2 rows this one does not begin with", [qa, ...files])
      write("rows.ndjson", questions("a"))
      yield* refused("another input", [qa, ...files])
    }))

  it.effect("never writes to a file that is not a batch's", () =>
    Effect.gen(function*() {
      const { batch, read, write } = yield* folder
      write("rows.ndjson", questions("a"))
      write("out.ndjson", "precious\n")
      const { code, stderr } = yield* batch([qa, ...files])
      assert.strictEqual(code, 2)
      assert.include(stderr, "it is there already, and out.ndjson.part, which says what it answers, is not")
      write("out.ndjson", "")
      yield* batch([qa, ...files], echo())
      write("out.ndjson", "precious\n")
      const changed = yield* batch([qa, ...files])
      assert.strictEqual(changed.code, 2)
      assert.include(changed.stderr, "line 1 is not what a batch has written there")
      assert.strictEqual(read("out.ndjson"), "precious\n")
    }))

  it.effect("begins anew where the output was removed", () =>
    Effect.gen(function*() {
      const { batch, lines, path, write } = yield* folder
      write("rows.ndjson", questions("a"))
      yield* batch([qa, ...files], echo())
      write("rows.ndjson", questions("b"))
      rmSync(`${path}/out.ndjson`)
      const { code } = yield* batch([qa, ...files], echo())
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(lines("out.ndjson"), [answered(0, "b")])
    }))

  it.effect("with --retry-failed asks those that have failed, each once", () =>
    Effect.gen(function*() {
      const { batch, lines, names, write } = yield* folder
      write("rows.ndjson", questions("a", "bad 1", "b", "bad 2"))
      yield* batch([qa, ...files], failing(invalid))
      const kept = yield* batch([qa, ...files])
      assert.deepStrictEqual([kept.code, kept.asked], [1, []])
      const { asked, code } = yield* batch(
        [qa, ...files, "--retry-failed"],
        echo((question) => question === "bad 2" ? ScriptedLM.fail(invalid) : undefined)
      )
      assert.deepStrictEqual([code, asked], [1, ["bad 1", "bad 2"]])
      assert.deepStrictEqual(
        lines("out.ndjson").slice(0, 3),
        ["a", "bad 1", "b"].map((name, index) => answered(index, name))
      )
      assert.deepStrictEqual(lines("out.ndjson")[3]?.error?.reason, "InvalidRequest")
      const last = yield* batch([qa, ...files, "--retry-failed"], echo())
      assert.deepStrictEqual([last.code, last.asked], [0, ["bad 2"]])
      assert.deepStrictEqual(names(), ["out.ndjson", "out.ndjson.part", "rows.ndjson"])
    }))
})

describe("bad usage is said before anything is asked", () => {
  it.effect("and exits with 2", () =>
    Effect.gen(function*() {
      const { batch, names, path, write } = yield* folder
      write("rows.ndjson", questions("a"))
      write("open.csv", "question\n\"a")
      write("other.csv", "id,q\n1,2\n")
      write("twice.csv", "question,question\n1,2\n")
      mkdirSync(`${path}/folder.csv`)
      const before = names()
      const cases: ReadonlyArray<readonly [said: string, args: ReadonlyArray<string>]> = [
        ["what to run is missing", []],
        ["the rows are missing: give --input ROWS.ndjson", [qa, "--output", "@o"]],
        ["where lines go is missing: give --output OUT.ndjson", [qa, "--input", "@rows.ndjson"]],
        ["--json is for one answer", [qa, ...files, "--json"]],
        ["--events is for one answer", [qa, ...files, "--events"]],
        ["--no-stream is for one answer", [qa, ...files, "--no-stream"]],
        ["--input folder.csv: it is a folder", [qa, "--input", "@folder.csv", "--output", "@o"]],
        ["--input none.ndjson: there is no such file", [qa, "--input", "@none.ndjson", "--output", "@o"]],
        ["--input a.json: rows are lines of JSON objects", [qa, "--input", "@a.json", "--output", "@o"]],
        ["--output none/o: there is no folder", [qa, "--input", "@rows.ndjson", "--output", "@none/o"]],
        ["--output rows.ndjson: the rows are read from there", [
          qa,
          "--input",
          "@rows.ndjson",
          "--output",
          "@rows.ndjson"
        ]],
        ["--input open.csv: line 2: Unterminated quoted field", [qa, "--input", "@open.csv", "--output", "@o"]],
        [
          "--input other.csv: it has no column for the input question, and --question is not given; its first record has: id, q",
          [qa, "--input", "@other.csv", "--output", "@o"]
        ],
        ["its first record names the input question 2 times", [qa, "--input", "@twice.csv", "--output", "@o"]],
        ["--concurrency", [qa, ...files, "--concurrency", "0"]]
      ]
      for (const [said, args] of cases) {
        const { code, stderr } = yield* batch(args)
        assert.strictEqual(code, 2, said)
        assert.include(stderr, said)
      }
      assert.deepStrictEqual(names(), before)
    }))

  it.effect("an input owns its name", () =>
    Effect.gen(function*() {
      const { batch, lines, write } = yield* folder
      write("rows.ndjson", ndjson([{ question: "a" }]))
      const { code } = yield* batch(
        ["question, output -> answer", "--input", "@rows.ndjson", "--run-output", "@out.ndjson", "--output", "loud"],
        echo()
      )
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(lines("out.ndjson"), [answered(0, "a")])
    }))
})
