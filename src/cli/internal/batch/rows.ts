/**
 * The rows of a batch: lines of JSON objects, or the records of a CSV file whose first one names the inputs.
 *
 * Rows are read as a stream, and nothing of them is kept. A row that cannot be read is wrong by itself, and the others go on.
 */
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import type { Field } from "../../../signature/Field.ts"
import * as SignatureInputs from "../../../signature/internal/inputs.ts"
import type * as Signature from "../../../signature/Signature.ts"
import { isRecord, type JsonRecord } from "../../../text/json/values.ts"
import { UsageError } from "../../UsageError.ts"
import * as Contents from "../contents.ts"
import * as Typed from "../typed.ts"

/** One row. */
export interface Row {
  /** What the row says: two inputs are the same where their rows say the same. */
  readonly text: string
  /** The inputs of its call, checked and typed; or what is wrong with them, and where. */
  readonly inputs: () => Result.Result<Readonly<Record<string, unknown>>, string>
}

/** Where rows come from. */
export interface Source {
  /** The file; `-` is standard input. */
  readonly file: string
  /** How the command line names it. */
  readonly named: string
  readonly signature: Signature.Any
  /** Values by input, for rows that have none of their own. */
  readonly defaults: ReadonlyMap<string, unknown>
}

/** How many rows there are, and a hash of what they say. */
export interface Survey {
  readonly rows: number
  readonly sha256: string
}

/** Reads the rows. What is wrong with the whole (no file, no such columns) is bad usage. */
export const read = (source: Source): Stream.Stream<Row, UsageError, FileSystem.FileSystem | Stdio.Stdio> => {
  const text = Stream.decodeText(bytes(source))
  return /\.csv$/i.test(source.file) ? records(source, text) : lines(source, text)
}

/** Reads all rows once, for their number and their hash; and for the hash of as many of the first as are `asked` about. */
export const survey = <E, R>(
  rows: Stream.Stream<Row, E, R>,
  asked: number | undefined
): Effect.Effect<Survey & { readonly begins: string | undefined }, E, R> =>
  Effect.suspend(() => {
    const hash = createHash("sha256")
    const digest = () => hash.copy().digest("hex")
    let count = 0
    let begins = asked === 0 ? digest() : undefined
    return Effect.map(
      Stream.runForEach(rows, ({ text }) =>
        Effect.sync(() => {
          hash.update(text).update("\n")
          if (++count === asked) begins = digest()
        })),
      () => ({ rows: count, sha256: digest(), begins })
    )
  })

// Details

const bytes = ({ file, named }: Source): Stream.Stream<Uint8Array, UsageError, FileSystem.FileSystem | Stdio.Stdio> =>
  Stream.unwrap(Effect.gen(function*() {
    const stdio = yield* Stdio.Stdio
    const fs = yield* FileSystem.FileSystem
    const stream: Stream.Stream<Uint8Array, PlatformError> = file === "-" ? stdio.stdin : fs.stream(file)
    return Stream.mapError(
      stream,
      ({ message, reason }) =>
        new UsageError({ message: `${named}: ${reason._tag === "NotFound" ? "there is no such file" : message}` })
    )
  }))

/** The most characters of one row. */
const most = 64 * 1024 * 1024

/** Lines of JSON. Empty ones are no rows. */
const lines = <E, R>(source: Source, text: Stream.Stream<string, E, R>): Stream.Stream<Row, E | UsageError, R> =>
  text.pipe(
    Stream.mapAccumEffect(() => 0, (length, text) => {
      const end = text.lastIndexOf("\n")
      const open = end === -1 ? length + text.length : text.length - end - 1
      return open > most
        ? Effect.fail(new UsageError({ message: `${source.named}: a line has more than ${most} characters` }))
        : Effect.succeed([open, [text]] as const)
    }),
    Stream.splitLines,
    Stream.zipWithIndex,
    Stream.filter(([text]) => text.trim() !== ""),
    Stream.map(([text, index]) => ({ text, inputs: () => fromJson(source, text, `line ${index + 1}`) }))
  )

const fromJson = (source: Source, text: string, place: string): ReturnType<Row["inputs"]> => {
  const json = Result.try({
    try: (): unknown => JSON.parse(text),
    catch: (error) => `${place}: it is not JSON: ${error instanceof Error ? error.message : String(error)}`
  })
  return Result.flatMap(json, (row) =>
    isRecord(row) && !Array.isArray(row)
      ? typed(source, row, new Map(), place)
      : Result.fail(`${place}: it must be a JSON object with the inputs`))
}

/** Records of CSV. A record without characters is no row. */
const records = <E, R>(source: Source, text: Stream.Stream<string, E, R>): Stream.Stream<Row, E | UsageError, R> =>
  text.pipe(
    Stream.pipeThroughChannelOrFail(Csv.decodeString({ maxRecordSize: most })),
    Stream.mapError((error) =>
      Csv.isCsvError(error)
        ? new UsageError({ message: `${source.named}: line ${error.line}: ${error.message}` })
        : error
    ),
    Stream.zipWithIndex,
    Stream.filter(([cells]) => cells.length > 1 || cells[0] !== ""),
    Stream.mapAccumEffect(
      (): ReadonlyArray<string> | undefined => undefined,
      (columns, [cells, index]): Effect.Effect<readonly [ReadonlyArray<string>, ReadonlyArray<Row>], UsageError> => {
        if (columns === undefined) {
          const names = cells.map((name) => name.trim())
          return Effect.as(columnsFit(source, names), [names, []])
        }
        const inputs = () => fromCells(source, columns, cells, `record ${index + 1}`)
        return Effect.succeed([columns, [{ text: JSON.stringify([columns, cells]), inputs }]])
      }
    )
  )

/** The first record names the inputs; other columns are nobody's. */
const columnsFit = ({ defaults, named, signature }: Source, columns: ReadonlyArray<string>) => {
  const bad = (what: string) => Effect.fail(new UsageError({ message: `${named}: ${what}: ${columns.join(", ")}` }))
  for (const field of signature.inputFields) {
    const times = columns.filter((name) => name === field.name).length
    if (times > 1) return bad(`its first record names the input ${field.name} ${times} times`)
    if (times === 0 && !defaults.has(field.name) && Result.isFailure(field.decodeAbsent())) {
      return bad(
        `it has no column for the input ${field.name}, and --${field.name} is not given; its first record has`
      )
    }
  }
  return Effect.void
}

const fromCells = (
  source: Source,
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<string>,
  place: string
): ReturnType<Row["inputs"]> => {
  if (cells.length !== columns.length) {
    return Result.fail(`${place}: it has ${cells.length} cells, and the first record has ${columns.length}`)
  }
  const values = new Map<string, unknown>()
  const wrong: Array<string> = []
  for (const field of source.signature.inputFields) {
    const cell = cells[columns.indexOf(field.name)]
    // An empty cell leaves out what may be left out.
    const mayLack = source.defaults.has(field.name) || Result.isSuccess(field.decodeAbsent())
    if (cell === undefined || cell === "" && mayLack) continue
    const read = Typed.read(field, [cell])
    if (Result.isSuccess(read)) values.set(field.name, read.success)
    else {
      const expected = Contents.wanted(field) === undefined ? read.failure : "Expected an address or a data URI"
      wrong.push(`${place}: the input ${field.name}: ${expected}${noPath(field)}`)
    }
  }
  return wrong.length > 0 ? Result.fail(wrong.join("; ")) : typed(source, {}, values, place)
}

/** The inputs of a row: its JSON, or its values. What else it has, such as the answer that is expected, is nobody's. */
const typed = (
  { defaults, signature }: Source,
  row: JsonRecord,
  values: ReadonlyMap<string, unknown>,
  place: string
): ReturnType<Row["inputs"]> => {
  const inputs = signature.inputFields.filter(({ name }) => Object.hasOwn(row, name))
  const json = Object.fromEntries(inputs.map(({ name }) => [name, row[name]]))
  const known = new Map([...defaults, ...values])
  for (const { name } of inputs) known.delete(name)
  return Result.mapError(
    SignatureInputs.decodeJsonInputs(signature, json, known),
    (issues) =>
      issues.map((issue) => {
        const field = signature.inputFields.find(({ name }) => name === issue.path[0])
        return Object.hasOwn(json, String(issue.path[0]))
          ? `${place}: the input ${String(issue.path[0])}: ${Typed.inWords(issue)}${noPath(field)}`
          : `${place}: the input ${String(issue.path[0])} is missing; there is ${
            Object.keys(row).join(", ") || "nothing"
          }`
      }).join("; ")
  )
}

/** Who has written the rows is not always who runs the program. */
const noPath = (field: Field | undefined): string =>
  field !== undefined && field.contents.length > 0 ? "; no path is read from rows" : ""
