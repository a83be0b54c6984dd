/**
 * The host's half of a session: it sends code to an interpreter in a thread, answers the calls of that code, and sees to it that
 * each piece ends.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Json from "../../text/json/values.ts"
import { inWords } from "../../tool/internal/failure.ts"
import { withoutHost } from "../../tool/internal/text.ts"
import type { Evaluation, HostFunction, Session } from "../Sandbox.ts"
import * as SandboxError from "../SandboxError.ts"
import { type Answer, type End, flags, type Program, type Told } from "./messages.ts"
import type { Heard, Place, Threads } from "./threads.ts"

type Functions<R> = Readonly<Record<string, HostFunction<R>>>

interface Opened {
  readonly place: Place
  readonly heard: Queue.Queue<Heard>
}

/** Opens a session; it has a place in a thread until its scope is closed, and another one where its thread has ended. */
export const open = <R>(
  threads: Threads,
  program: Program,
  functions: Functions<R>
): Effect.Effect<Session<R>, SandboxError.SandboxError, Scope.Scope> =>
  Effect.gen(function*() {
    const oneAtATime = Semaphore.makeUnsafe(1)
    let opened: Opened | undefined
    const leave = Effect.suspend(() => {
      const left = opened
      opened = undefined
      return left === undefined ? Effect.void : left.place.leave
    })
    yield* Effect.addFinalizer(() => leave)
    const enter = Effect.suspend(() =>
      opened === undefined
        ? Effect.tap(entered(threads, program), (made) => Effect.sync(() => opened = made))
        : Effect.succeed(opened)
    )
    yield* enter
    return {
      run: (code) =>
        Effect.flatMap(enter, (current) => ran(current, program, functions, code, leave)).pipe(
          oneAtATime.withPermit
        )
    }
  })

// Details

const fail = (reason: SandboxError.Reason, output = "") =>
  Effect.fail(new SandboxError.SandboxError({ reason, output }))

/** A place in a thread, whose interpreter is there. */
const entered = (threads: Threads, program: Program): Effect.Effect<Opened, SandboxError.SandboxError> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const heard = yield* Queue.unbounded<Heard>()
      const place = yield* Effect.catch(
        threads.place(program, (told) => Queue.offerUnsafe(heard, told)),
        (description) => fail(new SandboxError.Died({ description }))
      )
      const first = yield* restore(Queue.take(heard)).pipe(Effect.onInterrupt(() => place.leave))
      if (first._tag === "Opened") {
        place.keep(false)
        return { place, heard }
      }
      yield* place.leave
      return yield* fail(
        first._tag === "Ended"
          ? new SandboxError.Died({ description: `the sandbox cannot begin: ${first.description}` })
          : new SandboxError.NotInstalled({ description: notInstalled(first) })
      )
    })
  )

const notInstalled = (told: Heard): string =>
  `code runs in a sandbox by two packages that effect-lm does not install: npm install quickjs-wasi acorn${
    told._tag === "NotInstalled" ? ` (${told.description})` : ""
  }`

/** Runs a piece of code to its end. */
const ran = <R>(
  opened: Opened,
  program: Program,
  functions: Functions<R>,
  code: string,
  leave: Effect.Effect<void>
): Effect.Effect<Evaluation, SandboxError.SandboxError, R> => {
  const { heard, place } = opened
  let output = ""
  let isDone = false

  const answer = ({ args, id, name }: Extract<Told, { readonly _tag: "Called" }>) =>
    Effect.map(
      Effect.exit(called(functions, name, args)),
      (exit) => place.send({ _tag: "Answer", id, answer: answerOf(exit, args) })
    )

  const listen: Effect.Effect<Evaluation, SandboxError.SandboxError, R | Scope.Scope> = Effect.flatMap(
    Queue.take(heard),
    (told) => {
      switch (told._tag) {
        case "Printed":
          output += told.text
          return listen
        case "Called":
          return Effect.andThen(Effect.forkScoped(answer(told)), listen)
        case "Done":
          isDone = true
          return evaluated(told.end, program, output)
        case "Ended":
          return Effect.andThen(
            leave,
            fail(new SandboxError.Died({ description: `${told.description}. ${gone}` }), output)
          )
        default:
          return listen
      }
    }
  )

  /** The thread's last word on this piece of code, which was given up; a thread that says none is ended. */
  const quiet: Effect.Effect<void> = Effect.suspend(() => {
    if (isDone) return Effect.void
    Atomics.store(place.memory, flags.stop, 1)
    place.send({ _tag: "Stop" })
    return Effect.flatMap(
      Effect.timeoutOption(untilDone(heard), "1 second"),
      Option.match({
        onNone: () => Effect.andThen(place.end, leave),
        onSome: () => Effect.sync(() => Atomics.store(place.memory, flags.stop, 0))
      })
    )
  })

  /** Ends a thread whose engine does not look at the time: some functions of the language take minutes in one go. */
  const watched = Effect.andThen(
    overdue(place, program),
    Effect.suspend(() =>
      Effect.andThen(
        Effect.andThen(place.end, leave),
        fail(new SandboxError.Timeout({ description: `${outOfTime(program)}. ${gone}` }), output)
      )
    )
  )

  return Effect.scoped(
    Effect.suspend(() => {
      place.keep(true)
      place.send({ _tag: "Run", code })
      return Effect.onInterrupt(Effect.raceFirst(listen, watched), () => quiet)
    })
  ).pipe(Effect.ensuring(Effect.sync(() => place.keep(false))))
}

const untilDone = (heard: Queue.Queue<Heard>): Effect.Effect<void> =>
  Effect.flatMap(
    Queue.take(heard),
    ({ _tag }) => _tag === "Done" || _tag === "Ended" ? Effect.void : untilDone(heard)
  )

/** Ends when one stretch has been under way for a second longer than code may compute. */
const overdue = ({ memory }: Place, { time }: Program): Effect.Effect<void> =>
  Effect.gen(function*() {
    let since = 0
    for (let last = -1; since <= time + 1000;) {
      yield* Effect.sleep(200)
      const now = Atomics.load(memory, flags.stretch)
      since = now % 2 !== 0 && now === last ? since + 200 : 0
      last = now
    }
  })

// Calls

const called = <R>(functions: Functions<R>, name: string, args: string): Effect.Effect<unknown, unknown, R> =>
  Effect.suspend(() => {
    const given = Json.parse(args)
    const f = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (f === undefined || Result.isFailure(given) || !Array.isArray(given.success)) {
      return Effect.fail("what it is called with is nested too deep")
    }
    const result: unknown = f(...given.success)
    return Effect.isEffect(result)
      ? result as Effect.Effect<unknown, unknown, R> // it is one of those functions
      : Effect.fail("it gave no Effect: make one of it with Effect.promise or Effect.succeed")
  })

const answerOf = (exit: Exit.Exit<unknown, unknown>, args: string): Answer => {
  const json = Exit.isSuccess(exit) ? Result.try(() => JSON.stringify(exit.value) as string | undefined) : undefined
  if (json !== undefined && Result.isSuccess(json)) return { _tag: "Success", json: json.success }
  const error = Exit.isSuccess(exit) ? "its result is no JSON" : Cause.squash(exit.cause)
  return { _tag: "Failure", name: nameOf(error), message: withoutHost(inWords(error), args) }
}

/** The name alone of an error whose name has the module before it. */
const nameOf = (error: unknown): string =>
  error instanceof Error && error.name !== "" ? error.name.slice(error.name.lastIndexOf("/") + 1) : "Error"

// Ends

const evaluated = (
  end: End,
  program: Program,
  output: string
): Effect.Effect<Evaluation, SandboxError.SandboxError> => {
  switch (end._tag) {
    case "Success": {
      if (end.json === undefined) return Effect.succeed({ output, value: undefined, shown: end.shown })
      return Effect.succeed({ output, value: Result.getOrUndefined(Json.parse(end.json)), shown: end.shown })
    }
    case "Thrown": {
      const { line, message, name } = end
      const description = `${name}: ${message}${line === undefined ? "" : ` (line ${line})`}`
      return fail(
        new SandboxError.Thrown({ description, name, message, ...(line === undefined ? {} : { line }) }),
        output
      )
    }
    case "Died":
      return fail(
        new SandboxError.Died({ description: `the interpreter gave up: ${end.description}. ${gone}` }),
        output
      )
    case "Stuck":
      return fail(new SandboxError.Stuck({ description: "it waits for a promise that nothing will settle" }), output)
    case "Timeout":
    case "Stopped":
      return fail(new SandboxError.Timeout({ description: outOfTime(program) }), output)
    case "Memory":
      return fail(
        new SandboxError.Memory({
          description: `it needs more than the ${program.memory} bytes of memory that it may have. ${gone}`
        }),
        output
      )
    case "Output":
      return fail(
        new SandboxError.Output({
          description: `it gives more than the ${program.output} characters that it may print`
        }),
        output
      )
  }
}

const outOfTime = ({ time }: Program): string => `it computes for longer than the ${time} ms that it may`

const gone = "Variables of code that ran before are gone"
