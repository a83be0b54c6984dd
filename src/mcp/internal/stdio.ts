/**
 * A program that is a server: one JSON text a line, on its standard streams.
 */
import { endedWithUs, signalled, spawner, variables } from "#node/mcp/internal/process"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as ChildProcess from "effect/process/ChildProcess"
import { type ChildProcessHandle, ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { StdioOptions } from "../Mcp.ts"
import { environment } from "./environment.ts"
import type { Broken, Failure } from "./failure.ts"
import * as Lines from "./lines.ts"
import { idOf, mostCharacters, notification, parse, type Request, type Told } from "./message.ts"
import type { Connect } from "./wire.ts"

/** What a program says beside the protocol: errors have it. */
export interface Heard {
  /** The end of its standard error. */
  stderr: string
  /** What its standard output had that was no message. */
  stray: string | undefined
}

/** Starts the program, each time. */
export const connector = (options: StdioOptions, heard: Heard): Effect.Effect<Connect> =>
  Effect.matchEager(found, {
    onSuccess: (spawner) => connect(spawner, options, heard),
    onFailure: (broken): Connect => () => Effect.fail(broken)
  })

const connect = (
  { spawn }: typeof ChildProcessSpawner.Service,
  { args = [], command, cwd, env }: StdioOptions,
  heard: Heard
): Connect =>
(receive) =>
  Effect.gen(function*() {
    Object.assign(heard, { stderr: "", stray: undefined })
    const program = yield* Effect.mapError(
      // When the scope closes, what is left of the program's process group is ended too.
      spawn(ChildProcess.make(command, args, { cwd, env: environment(env, variables()), forceKillAfter: patience })),
      (cause): Broken => ({
        _tag: "Unreachable",
        said: cause.reason.module === "FileSystem"
          ? "it cannot be started in the folder that `cwd` says"
          : "it cannot be started",
        cause
      })
    )
    // First, so that it holds until the program has ended.
    yield* endedWithUs(program.pid)
    const input = yield* Queue.unbounded<string, Cause.Done>()
    const death = yield* Deferred.make<never, Broken>()
    yield* Effect.addFinalizer(() =>
      Effect.gen(function*() {
        yield* Deferred.fail(death, { _tag: "Unreachable", said: "the connection is closed" })
        yield* Queue.end(input)
        yield* ended(program)
      })
    )

    const written = yield* Stream.fromQueue(input).pipe(
      Stream.encodeText,
      Stream.run(program.stdin),
      Effect.ignore,
      Effect.forkScoped
    )

    const errors = yield* program.stderr.pipe(
      Stream.decodeText(),
      Stream.runForEach((text) => Effect.sync(() => heard.stderr = endOf(heard.stderr + text))),
      Effect.ignore,
      Effect.forkScoped
    )

    let hasSpoken = false
    /** Whether the program has ended, or is about to: what is written to it now would not be read or not be answered. */
    let isEnding = false
    const lines = Lines.make(mostCharacters)
    const hear = ({ isCut, text }: Lines.Line): void => {
      if (isCut) {
        const message = `its answer is longer than ${mostCharacters} characters`
        return receive({ _tag: "Refusal", id: idOf(text), code: undefined, message, data: undefined })
      }
      const messages = parse(text)
      if (messages.length === 0 && text.trim() !== "") heard.stray ??= text.trim()
      hasSpoken ||= messages.length > 0
      messages.forEach((message) => receive(message))
    }
    const output = yield* program.stdout.pipe(
      Stream.decodeText(),
      Stream.runForEach((text) => Effect.sync(() => lines.push(text).forEach(hear))),
      Effect.ignore,
      Effect.andThen(Effect.sync(() => {
        isEnding = true
        lines.end().forEach(hear)
      })),
      Effect.forkScoped
    )

    // What the program wrote just before its end is read before the end is told.
    yield* Effect.gen(function*() {
      const end = yield* Effect.raceAllFirst([
        Effect.as(Effect.exit(program.exitCode), "it ended"),
        Effect.as(Fiber.await(output), "it closed its standard output"),
        Effect.as(Fiber.await(written), "it closed its standard input")
      ])
      isEnding = true
      const exit = yield* Effect.timeoutOption(Effect.exit(program.exitCode), patience)
      if (Option.isSome(exit)) {
        yield* Effect.timeoutOption(Effect.andThen(Fiber.await(output), Fiber.await(errors)), patience)
      }
      const why: Broken = Option.isSome(exit)
        ? toBroken(exit.value, !hasSpoken && heard.stray !== undefined)
        : { _tag: "Ended", said: end, exitCode: undefined }
      yield* Deferred.fail(death, why)
    }).pipe(Effect.forkScoped)

    const tell = (message: Request | Told): Effect.Effect<void> =>
      Effect.asVoid(Queue.offer(input, `${JSON.stringify(message)}\n`))
    return {
      exchange: (request) =>
        Effect.suspend((): Effect.Effect<never, Failure> =>
          isEnding
            ? Effect.catch(Deferred.await(death), (why) => Effect.fail<Failure>({ _tag: "Gone", why }))
            : Effect.andThen(tell(request), Deferred.await(death))
        ),
      tell,
      cancel: ({ id }) => tell(notification("notifications/cancelled", { requestId: id })),
      speak: () => {},
      // All that it says is heard.
      listen: Effect.void
    }
  })

// Details

/** How many characters of the standard error are kept. It is more than an error shows, since stack traces are taken out of it. */
const mostOfStderr = 20_000

/** The end of a text, from the beginning of a line on. */
const endOf = (text: string): string =>
  text.length <= mostOfStderr ? text : text.slice(-mostOfStderr).replace(/^[^\n]*\n(?=.)/s, "")

/** How long each of the ways to end a program may take, before the next. */
const patience = Duration.seconds(1)

/** Ends the program: its input ends, then SIGTERM, then SIGKILL, which comes at once where our process is told to end again. */
const ended = (program: ChildProcessHandle): Effect.Effect<void> => {
  const kindly = Effect.timeoutOrElse(Effect.ignore(program.exitCode), {
    duration: patience,
    orElse: () => Effect.ignore(program.kill({ killSignal: "SIGTERM", forceKillAfter: patience }))
  })
  const atOnce = Effect.andThen(signalled, Effect.ignore(program.kill({ killSignal: "SIGKILL" })))
  return Effect.raceFirst(Effect.interruptible(kindly), Effect.interruptible(atOnce))
}

/** How it ended. One that wrote no message, and something else, is no server. */
const toBroken = (exit: Exit.Exit<number, PlatformError>, isOther: boolean): Broken => {
  const exitCode = Exit.isSuccess(exit) ? exit.value : undefined
  const signal = /SIG[A-Z]+/.exec(Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "")
  const said = exitCode === undefined
    ? `it was ended by ${signal?.[0] ?? "a signal"}`
    : `it ended with exit code ${exitCode}`
  return isOther ? { _tag: "NotUnderstood", said } : { _tag: "Ended", said, exitCode }
}

/** The spawner of the context, or else ours. */
const found = Effect.flatMap(
  Effect.serviceOption(ChildProcessSpawner),
  Option.match({ onSome: Effect.succeed, onNone: () => spawner })
)
