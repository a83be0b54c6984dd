/**
 * Runs a program for each row of a file: one line for each, in order, whatever ends the process in between.
 */
import * as Cause from "effect/Cause"
import type * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as LM from "../../../lm/LM.ts"
import * as LMError from "../../../lm/LMError.ts"
import * as Usage from "../../../lm/Usage.ts"
import * as Parallel from "../../../module/Parallel.ts"
import * as Prediction from "../../../module/Prediction.ts"
import { TooManyFailures } from "../../../module/TooManyFailures.ts"
import * as Signature from "../../../signature/Signature.ts"
import type { JsonRecord } from "../../../text/json/values.ts"
import type { OutputError } from "../../OutputError.ts"
import { RowsFailed } from "../../RowsFailed.ts"
import { UsageError } from "../../UsageError.ts"
import * as Fault from "../fault.ts"
import type * as FlagsConfig from "../flags.ts"
import * as Inputs from "../inputs.ts"
import * as Output from "../output.ts"
import * as Running from "../running.ts"
import * as Asked from "./asked.ts"
import * as Rows from "./rows.ts"
import * as Store from "./store.ts"
import * as Totals from "./totals.ts"

/** What the flags of a batch say. */
export interface Flags extends Running.Flags {
  readonly run: Command.Command.Config.Infer<ReturnType<typeof FlagsConfig.batch>>
}

/** Runs the program for each row that has no line yet. */
export const execute = <E, R, LayerError = never>(
  given: Output.Program<E, R>,
  signature: Signature.Any,
  { naming }: FlagsConfig.OfInputs,
  flags: Flags,
  options: Running.Options<LayerError>
) =>
  Running.prepared(
    given,
    naming,
    flags,
    { ...options, asks: false },
    Effect.fnUntraced(function*({ console, program, progress }: Running.Ready<E, R>) {
      const flag = (name: string) => `--${naming.of(name)}`
      const { input, out } = yield* filesOf(flags.run, flag)
      const defaults = Inputs.ofFlags(Running.inputsOf(flags.inputs))
      const source: Rows.Source = { file: input, named: `${flag("input")} ${input}`, signature, defaults }
      const before = yield* Store.before(out, flag("output"))
      const survey = (yield* isFile(source))
        ? yield* Rows.survey(Rows.read(source), before?.input?.rows)
        : undefined
      const settings = yield* Asked.settings(program, [
        Option.getOrNull(flags.run.adapter),
        Signature.encodeInputs(signature, Object.fromEntries(defaults))
      ])
      return Effect.gen(function*() {
        const asked: Asked.Asked = {
          batch: 1,
          signature: Asked.signature(signature),
          model: (yield* LM.LM).model,
          settings,
          input: survey === undefined ? null : { rows: survey.rows, sha256: survey.sha256 }
        }
        const difference = before === undefined ? undefined : Asked.difference(before, asked, survey)
        if (difference !== undefined) {
          return yield* new UsageError({
            message: `${flag("output")} ${out}: its lines answer ${difference}: name another file, or remove it`
          })
        }
        const isNew = before === undefined
        const store = yield* Store.open(out, asked, { isNew, retriesFailed: flags.run.retryFailed })
        const totals = yield* Totals.make(store, { total: survey?.rows, out }, console, progress)
        const rows = Stream.take(Rows.read(source), survey?.rows ?? Infinity)
        const calls = callsOf(rows, store, totals, rowOf(program, { name: program.name, at: options.at }))
        yield* totals.shown(all(calls, flags.run))
        yield* store.close
        yield* totals.said
        const failed = store.failed()
        if (failed > 0) {
          return yield* new RowsFailed({ failed, rows: store.next(), output: out, retry: flag("retry-failed") })
        }
      })
    })
  )

// Details

const filesOf = Effect.fnUntraced(function*(run: Flags["run"], flag: (name: string) => string) {
  const bad = (message: string) => new UsageError({ message })
  const form = (["json", "events", "noStream"] as const).find((form) => run[form])
  if (form !== undefined) {
    const name = flag(form === "noStream" ? "no-stream" : form)
    return yield* bad(
      `${name} is for one answer: a batch writes a JSON object for each row, to the file of ${flag("output")}`
    )
  }
  if (Option.isNone(run.input)) {
    return yield* bad(
      `the rows are missing: give ${flag("input")} ROWS.ndjson or ROWS.csv, or - for lines from standard input`
    )
  }
  if (Option.isNone(run.output)) return yield* bad(`where lines go is missing: give ${flag("output")} OUT.ndjson`)
  const input = run.input.value
  const out = run.output.value
  if (/\.json$/i.test(input)) {
    return yield* bad(
      `${
        flag("input")
      } ${input}: rows are lines of JSON objects (.ndjson) or CSV (.csv); for an array: jq -c ".[]" ${input}`
    )
  }
  const path = yield* Path.Path
  if (path.resolve(input) === path.resolve(out)) {
    return yield* bad(`${flag("output")} ${out}: the rows are read from there: name another file`)
  }
  const fs = yield* FileSystem.FileSystem
  const folder = path.dirname(path.resolve(out))
  if (!(yield* Effect.orElseSucceed(fs.exists(folder), () => true))) {
    return yield* bad(`${flag("output")} ${out}: there is no folder ${folder}`)
  }
  return { input, out }
})

/** Whether rows can be read more than once. */
const isFile = Effect.fnUntraced(function*({ file, named }: Rows.Source) {
  if (file === "-") return false
  const fs = yield* FileSystem.FileSystem
  // What is wrong with a file that is not there is said where it is read.
  const type = yield* Effect.match(fs.stat(file), { onFailure: () => "File" as const, onSuccess: ({ type }) => type })
  if (type === "Directory") return yield* new UsageError({ message: `${named}: it is a folder` })
  return type === "File"
})

/** What is to be done for each row that has no line in `OUT`, in order. */
const callsOf = <E, R, E2, R2>(
  rows: Stream.Stream<Rows.Row, E2, R2>,
  store: Store.Store,
  totals: Totals.Totals,
  ask: (row: Rows.Row) => Effect.Effect<Done, E, R>
): Stream.Stream<Effect.Effect<void, E | OutputError, R>, E2 | OutputError, R2> =>
  rows.pipe(
    Stream.zipWithIndex,
    Stream.drop(store.next()),
    Stream.zip(Stream.concat(store.kept, Stream.forever(Stream.succeed(undefined)))),
    Stream.map(([[row, index], kept]): Effect.Effect<void, E | OutputError, R> =>
      kept !== undefined
        ? store.finish(index, kept)
        : store.isDone(index)
        ? Effect.void
        : Effect.flatMap(ask(row), ({ line, usage }) => {
          totals.add(usage)
          return store.finish(index, line(index))
        })
    )
  )

/** Makes all calls. What is a failure of a row is its line by now: any other one ends the batch at once. */
const all = <E, R, E2, R2>(
  calls: Stream.Stream<Effect.Effect<void, E, R>, E2, R2>,
  { concurrency }: Flags["run"]
): Effect.Effect<void, E | E2, R | R2> => {
  const limits = { concurrency: Option.getOrUndefined(concurrency), ahead: Store.ahead, maxFailures: 0 }
  return Effect.catchIf(
    Stream.runDrain(Parallel.stream(calls, limits)),
    (error) => error instanceof TooManyFailures,
    ({ failures: [failure] }) => Effect.fail(failure!.error as E) // those are failures of the calls
  )
}

/** What becomes of a row: its line, and what it has used. */
interface Done {
  readonly line: (index: number) => string
  readonly usage: Usage.Usage
}

/** Asks a row. It fails only of what every other row would fail of as well. */
const rowOf = <E, R>(program: Output.Program<E, R>, source: Fault.Source) => {
  const fieldsOf = Output.fieldsOf(program)
  return (row: Rows.Row): Effect.Effect<Done, E, R> =>
    Effect.suspend(() => {
      const inputs = row.inputs()
      if (Result.isFailure(inputs)) return Effect.succeed(failedOf({ _tag: "InputError", message: inputs.failure }))
      return program(inputs.success).pipe(
        Effect.flatMap((prediction) =>
          Effect.map(fieldsOf(prediction), (fields): Done => ({
            line: (index) => Store.answered(index, Output.json(fields)),
            usage: Prediction.usage(prediction)
          }))
        ),
        Fault.within(source),
        Effect.catchCause((cause): Effect.Effect<Done, E> => {
          if (isOfAll(cause)) return Effect.failCause(cause)
          // Who is interrupted from outside does not come here.
          if (Cause.hasInterruptsOnly(cause)) return Effect.succeed(failedOf(itself))
          const { error, place, words } = Fault.of(cause)
          const used = Predicate.hasProperty(error, "usage") ? error.usage : undefined
          return Effect.succeed(failedOf(
            {
              _tag: tagOf(error) ?? (error instanceof Error ? error.name : "Error"),
              ...Predicate.hasProperty(error, "reason") && { reason: tagOf(error.reason) },
              message: words,
              ...place !== undefined && { place }
            },
            used as Usage.Usage | undefined // errors of calls have it so, and errors of others have none
          ))
        })
      )
    })
}

const itself = { _tag: "Interrupted", message: "the program has interrupted itself" }

const failedOf = (error: JsonRecord, usage = Usage.empty): Done => ({
  line: (index) => Store.failed(index, Output.json(error)),
  usage
})

const tagOf = (u: unknown): string | undefined =>
  Predicate.hasProperty(u, "_tag") && typeof u._tag === "string" ? u._tag : undefined

/** A key that is refused, a quota or a budget that is used up and a model that is not there are so for every row. */
const isOfAll = (cause: Cause.Cause<unknown>): boolean => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  return error instanceof LMError.LMError && ofAll.has(error.reason._tag)
}

const ofAll: ReadonlySet<LMError.LMError["reason"]["_tag"]> = new Set([
  "Authentication",
  "QuotaExceeded",
  "OverBudget",
  "UnsupportedModel"
])
