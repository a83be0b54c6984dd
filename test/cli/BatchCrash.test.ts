/** effect-lm batch, ended at every write: nothing that was finished is lost, and nothing is there twice. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type FileSystem, PlatformError } from "effect"
import { ScriptedLM } from "effect-lm/testing"
import { echo, folder, ndjson } from "./batchFolder.ts"

const rows = Array.from({ length: 12 }, (_, i) => `row ${i}`)
const concurrency = 4
const args = [
  "question -> answer",
  "--input",
  "@rows.ndjson",
  "--output",
  "@out.ndjson",
  "--concurrency",
  String(concurrency)
]

/**
 * The file system as it is for a process that is killed: so many writes are whole, of the next one the first half is there, and
 * nothing follows.
 */
const endingAfter = (writes: number) => {
  let left = writes
  const dead = Effect.fail(
    PlatformError.systemError({ _tag: "Unknown", module: "FileSystem", method: "write", cause: new Error("killed") })
  )
  const guarded = <A>(whole: Effect.Effect<A, PlatformError.PlatformError>, half: typeof whole | undefined) =>
    Effect.suspend(() => {
      left--
      return left >= 0 ? whole : left === -1 && half !== undefined ? Effect.andThen(half, dead) : dead
    })
  return {
    /** Whether it has come to the end. */
    isOver: () => left < 0,
    through: (fs: FileSystem.FileSystem): FileSystem.FileSystem => ({
      ...fs,
      writeFileString: (path, text, options) =>
        guarded(
          fs.writeFileString(path, text, options),
          fs.writeFileString(path, text.slice(0, text.length / 2), options)
        ),
      rename: (from, to) => guarded(fs.rename(from, to), undefined),
      remove: (path, options) => guarded(fs.remove(path, options), undefined),
      truncate: (path, length) => guarded(fs.truncate(path, length), undefined)
    })
  }
}

/** A model, and what it was asked before the process was killed: one that is dead asks nothing. */
const recording = (isOver: () => boolean) => {
  const asked: Array<string> = []
  return {
    asked,
    world: echo((question) => {
      if (!isOver()) asked.push(question)
      return undefined
    })
  }
}

/** The text of each row that stands in some file as done. */
const onDisk = (text: string): ReadonlyArray<string> =>
  text.split("\n").slice(0, -1).flatMap((line) => /"answer":"re (row \d+)"/.exec(line)?.[1] ?? [])

describe("a batch that is ended at a write", () => {
  it.effect("has asked at most as many rows twice as were under way, wherever it was", () =>
    Effect.gen(function*() {
      let ends = 0
      for (let writes = 0;; writes++) {
        const { batch, has, lines, names, read, write } = yield* folder
        write("rows.ndjson", ndjson(rows.map((question) => ({ question }))))
        const end = endingAfter(writes)
        const { asked, world } = recording(end.isOver)
        yield* batch(args, world, end.through)
        const text = (name: string) => has(name) ? read(name) : ""
        const done = new Set([...onDisk(text("out.ndjson")), ...onDisk(text("out.ndjson.part"))])
        const second = yield* batch(args, echo())
        assert.strictEqual(second.code, 0, `${writes}: ${second.stderr}`)
        assert.deepStrictEqual(
          lines("out.ndjson"),
          rows.map((row, index) => ({ index, fields: { answer: `re ${row}` } })),
          `${writes}`
        )
        assert.deepStrictEqual(second.asked, rows.filter((row) => !done.has(row)).toSorted(), `${writes}`)
        assert.isAtMost(asked.length + second.asked.length, rows.length + concurrency, `${writes}`)
        assert.deepStrictEqual(names(), ["out.ndjson", "out.ndjson.part", "rows.ndjson"])
        if (!end.isOver()) break
        ends++
      }
      assert.isAbove(ends, 10)
    }))

  it.effect("and so while failed rows are asked again", () =>
    Effect.gen(function*() {
      const isBad = (question: string) => Number(question.slice(4)) % 3 !== 0
      for (let writes = 0;; writes++) {
        const { batch, lines, names, write } = yield* folder
        write("rows.ndjson", ndjson(rows.map((question) => ({ question }))))
        yield* batch(args, echo((question) => isBad(question) ? ScriptedLM.text("no") : undefined))
        const end = endingAfter(writes)
        const { asked, world } = recording(end.isOver)
        yield* batch([...args, "--retry-failed"], world, end.through)
        const second = yield* batch([...args, "--retry-failed"], echo())
        assert.strictEqual(second.code, 0, `${writes}: ${second.stderr}`)
        assert.deepStrictEqual(
          lines("out.ndjson"),
          rows.map((row, index) => ({ index, fields: { answer: `re ${row}` } })),
          `${writes}`
        )
        assert.isAtMost(asked.length + second.asked.length, rows.filter(isBad).length + concurrency, `${writes}`)
        assert.deepStrictEqual(names(), ["out.ndjson", "out.ndjson.part", "rows.ndjson"])
        if (!end.isOver()) break
      }
    }))
})
