/**
 * What a batch has done, in files: `OUT` has the lines of the first rows, in order; `OUT.part` has a line that says what was asked,
 * and those of rows that were done before others in front of them.
 *
 * A row that is done is in one of the two before its place is free for another, and a line is in `OUT` before it may leave `OUT.part`.
 * So a process that is killed loses the rows that were under way, and no others. A line without its end was being written just then,
 * and is taken off by the next start. Nothing waits for the disk (`fsync`): what a process has written outlives its end, and only the
 * machine's own end may take it.
 *
 * Failed rows are asked again into `OUT.retry`, which takes the place of `OUT` in the end. Until then it is `OUT` for all of the above.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { OutputError } from "../../OutputError.ts"
import { UsageError } from "../../UsageError.ts"
import { Asked } from "./asked.ts"

/** The files of a batch that goes on. */
export interface Store {
  /** How many rows are in `OUT`: the next row has this number. */
  readonly next: () => number
  /** How many rows are done, and how many of these have failed. */
  readonly done: () => number
  readonly failed: () => number
  /** Whether a row is done that is not in `OUT` yet. */
  readonly isDone: (index: number) => boolean
  /** Lines that stay as they are while failed rows are asked again, from that of row {@link next} on; `undefined` for a failed one. */
  readonly kept: Stream.Stream<string | undefined, OutputError>
  /** Writes the line of a row. */
  readonly finish: (index: number, line: string) => Effect.Effect<void, OutputError>
  /** All rows are done. */
  readonly close: Effect.Effect<void, OutputError>
}

/** How far ahead of the oldest row that is not done others are begun, and their lines are kept. */
export const ahead = 1000

/** The line of a row's answer. */
export const answered = (index: number, fields: string): string => `${head(index, "fields")}${fields}}\n`

/** The line of a row that has failed. */
export const failed = (index: number, error: string): string => `${head(index, "error")}${error}}\n`

/** What an output that is there already answers; nothing where it is begun. */
export const before = Effect.fnUntraced(function*(
  out: string,
  flag: string
): Effect.fn.Return<Asked | undefined, UsageError | OutputError, FileSystem.FileSystem> {
  const bad = (message: string) => new UsageError({ message: `${flag} ${out}: ${message}` })
  const fs = yield* FileSystem.FileSystem
  const info = yield* Effect.orElseSucceed(fs.stat(out), () => undefined)
  if (info === undefined) return undefined
  if (info.type !== "File") return yield* bad("it is no file, which a batch needs to go on after a break")
  const [first] = yield* Stream.runCollect(Stream.take(lines(fs, partOf(out)), 1))
  const asked = yield* Effect.option(Schema.decodeEffect(Schema.fromJsonString(Asked))(first ?? ""))
  if (asked._tag === "Some") return asked.value
  if (info.size === 0n) return undefined
  return yield* bad(
    `it is there already, and ${partOf(out)}, which says what it answers, is not: name another file, or remove it`
  )
})

/** Opens the files of a batch, where nothing speaks against it. */
export const open = Effect.fnUntraced(function*(
  out: string,
  asked: Asked,
  options: { readonly isNew: boolean; readonly retriesFailed: boolean }
): Effect.fn.Return<Store, UsageError | OutputError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const retry = `${out}.retry`
  if (options.isNew) yield* begin(fs, out, asked)
  const isRetried = yield* Effect.orElseSucceed(fs.exists(retry), () => false)
  const whole = yield* scan(fs, out)
  const state = isRetried ? yield* scan(fs, retry) : whole
  const early = yield* readEarly(fs, partOf(out), state.rows)
  const begins = options.retriesFailed && !isRetried
  // Rows that have failed ahead of others are asked again as they are.
  if (begins) { for (const [index, line] of early) if (isFailed(index, line)) early.delete(index) }
  yield* rewrite(fs, partOf(out), asked, early)
  const isNewRetry = begins && whole.failed > 0
  if (isNewRetry) yield* write(fs, retry, "", "w")
  const isRetrying = isRetried || isNewRetry
  const files = new Files(fs, isRetrying ? retry : out, partOf(out), asked, isNewRetry ? none : state, early)
  yield* files.appendWaiting
  return {
    next: () => files.next,
    done: () => files.next + early.size,
    failed: () => files.failed,
    isDone: (index) => early.has(index),
    kept: isRetrying
      ? lines(fs, out).pipe(
        Stream.map((line, index) => isFailed(index, line) ? undefined : `${line}\n`),
        Stream.drop(files.next)
      )
      : Stream.empty,
    finish: (index, line) => files.finish(index, line),
    close: Effect.andThen(
      isRetrying ? Effect.mapError(fs.rename(retry, out), unwritable(out)) : Effect.void,
      rewrite(fs, partOf(out), asked, early)
    )
  }
})

// Details

/** Lines that are there. */
interface Written {
  readonly rows: number
  readonly failed: number
}

const none: Written = { rows: 0, failed: 0 }

/** `OUT` and `OUT.part` while rows are done, and the lines that are in the latter only. */
class Files {
  readonly #fs: FileSystem.FileSystem
  readonly #target: string
  readonly #part: string
  readonly #asked: Asked
  readonly #early: Map<number, string>
  readonly #one = Semaphore.makeUnsafe(1)
  /** How many lines of `OUT.part` are in `OUT`. */
  #stale = 0
  #broken: OutputError | undefined
  next: number
  failed: number

  constructor(
    fs: FileSystem.FileSystem,
    target: string,
    part: string,
    asked: Asked,
    written: Written,
    early: Map<number, string>
  ) {
    this.#fs = fs
    this.#target = target
    this.#part = part
    this.#asked = asked
    this.#early = early
    this.next = written.rows
    this.failed = written.failed + Array.from(early).filter(([index, line]) => isFailed(index, line)).length
  }

  /** A line whose turn it was when the process ended. */
  get appendWaiting(): Effect.Effect<void, OutputError> {
    const waiting = this.#early.get(this.next)
    return waiting === undefined ? Effect.void : this.#append(waiting)
  }

  /** Writes are not interrupted, and follow one another. */
  finish(index: number, line: string): Effect.Effect<void, OutputError> {
    const written = Effect.suspend(() => {
      // What follows a line that was written in part would be lost with it.
      if (this.#broken !== undefined) return Effect.fail(this.#broken)
      if (index === this.next) return this.#append(line)
      return Effect.map(write(this.#fs, this.#part, line, "a"), () => {
        this.#early.set(index, line)
      })
    })
    return written.pipe(
      Effect.tapError((error) => Effect.sync(() => this.#broken = error)),
      Effect.tap(() =>
        Effect.sync(() => {
          if (isFailed(index, line)) this.failed++
        })
      ),
      this.#one.withPermit,
      Effect.uninterruptible
    )
  }

  /** A line goes to `OUT`, and with it those that have waited for it. */
  readonly #append = Effect.fnUntraced({ self: this }, function*(this: Files, first: string) {
    const lines = [first]
    const following = () => this.#early.get(this.next + lines.length)
    for (let line = following(); line !== undefined; line = following()) lines.push(line)
    yield* write(this.#fs, this.#target, lines.join(""), "a")
    for (let i = 0; i < lines.length; i++) this.#early.delete(this.next + i)
    this.next += lines.length
    this.#stale += lines.length - 1
    if (this.#stale < ahead) return
    yield* rewrite(this.#fs, this.#part, this.#asked, this.#early)
    this.#stale = 0
  })
}

const partOf = (out: string): string => `${out}.part`

const head = (index: number, kind: "fields" | "error"): string => `{"index":${index},"${kind}":`

const isFailed = (index: number, line: string): boolean => line.startsWith(head(index, "error"))

/** An output that has no lines. `OUT.part` is there first: without it, `OUT` would be somebody else's. */
const begin = Effect.fnUntraced(function*(fs: FileSystem.FileSystem, out: string, asked: Asked) {
  yield* Effect.mapError(fs.remove(`${out}.retry`, { force: true }), unwritable(`${out}.retry`))
  yield* rewrite(fs, partOf(out), asked, new Map())
  yield* write(fs, out, "", "w")
})

/** How many lines there are, and failures among them. What stands behind the last end of a line is taken off. */
const scan = Effect.fnUntraced(function*(fs: FileSystem.FileSystem, file: string) {
  let rows = 0
  let failed = 0
  let bytes = 0
  yield* Stream.runForEach(lines(fs, file), (line) => {
    bytes += Buffer.byteLength(line) + 1
    if (isFailed(rows, line)) failed++
    else if (!line.startsWith(head(rows, "fields"))) {
      return Effect.fail(
        new UsageError({
          message: `${file}: line ${rows + 1} is not what a batch has written there: name another file`
        })
      )
    }
    rows++
    return Effect.void
  })
  yield* Effect.mapError(fs.truncate(file, bytes), unwritable(file))
  return { rows, failed }
})

/** The lines of `OUT.part` that are not in `OUT`. */
const readEarly = Effect.fnUntraced(function*(fs: FileSystem.FileSystem, part: string, next: number) {
  const early = new Map<number, string>()
  yield* Stream.runForEach(Stream.drop(lines(fs, part), 1), (line) =>
    Effect.sync(() => {
      const index = Number(/^\{"index":(\d+),/.exec(line)?.[1] ?? -1)
      if (index >= next) early.set(index, `${line}\n`)
    }))
  return early
})

/** `OUT.part` anew: as a whole, or not at all. */
const rewrite = (
  fs: FileSystem.FileSystem,
  part: string,
  asked: Asked,
  early: ReadonlyMap<number, string>
): Effect.Effect<void, OutputError> =>
  Effect.andThen(
    write(fs, `${part}.new`, [`${JSON.stringify(asked)}\n`, ...early.values()].join(""), "w"),
    Effect.mapError(fs.rename(`${part}.new`, part), unwritable(part))
  )

const write = (
  fs: FileSystem.FileSystem,
  file: string,
  text: string,
  flag: "a" | "w"
): Effect.Effect<void, OutputError> => Effect.mapError(fs.writeFileString(file, text, { flag }), unwritable(file))

/** The lines of a file that have an end, without it; none where there is no file. */
const lines = (fs: FileSystem.FileSystem, file: string): Stream.Stream<string, OutputError> =>
  fs.stream(file).pipe(
    Stream.catchIf(({ reason }) => reason._tag === "NotFound", () => Stream.empty),
    Stream.mapError(unwritable(file)),
    Stream.decodeText,
    Stream.mapAccum(() => "", (rest, text) => {
      const lines = (rest + text).split("\n")
      return [lines.pop()!, lines]
    })
  )

const unwritable = (file: string) => ({ cause, message }: PlatformError): OutputError =>
  new OutputError({ closed: false, file, cause: cause ?? message })
