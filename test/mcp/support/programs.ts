/** Odd servers that are programs: they run in the test's own process. */
import { type Cause, Deferred, Effect, Exit, Layer, Queue, Sink, Stream } from "effect"
import * as PlatformError from "effect/PlatformError"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import { initialized, type Message } from "./messages.ts"

/** A program as its server sees it. */
export interface Program {
  /** Writes to the standard output. */
  readonly write: (text: string) => void
  /** Answers a message. */
  readonly answer: (message: Message, result: unknown) => void
  readonly say: (message: object) => void
  readonly complain: (text: string) => void
  readonly exit: (code: number) => void
  /** Exits, and what it wrote just before is read only then. */
  readonly exitAfter: (message: object, code: number) => void
  /** Closes its standard output after this, which is not the end of a line, and exits a little later. */
  readonly hangUp: (text: string, code: number) => void
  /** Closes its standard input, and goes on. */
  readonly deafen: () => void
  /** Ended by a signal. */
  readonly die: (signal: string) => void
  /** Which start of the program this is, from 1. */
  readonly start: number
}

const brokenPipe = PlatformError.systemError({
  _tag: "BadResource",
  module: "ChildProcess",
  method: "fromWritable(stdin)",
  description: "write EPIPE"
})

/** Runs in place of every program: what is sent to it, and what it does. It is ended by the end of its input. */
export const programs = (
  server: (message: Message, program: Program) => void,
  onStart?: (program: Program) => void
) => {
  const sent: Array<Message> = []
  let start = 0
  const spawn = Effect.fnUntraced(function*() {
    const exit = Deferred.makeUnsafe<ChildProcessSpawner.ExitCode, PlatformError.PlatformError>()
    const output = yield* Queue.unbounded<Uint8Array, Cause.Done>()
    const errors = yield* Queue.unbounded<Uint8Array, Cause.Done>()
    const end = (effect: Effect.Effect<unknown>) => {
      Effect.runSync(effect)
      Effect.runSync(Effect.andThen(Queue.end(output), Queue.end(errors)))
    }
    const write = (text: string) => void Queue.offerUnsafe(output, new TextEncoder().encode(text))
    const say = (message: object) => write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)
    const program: Program = {
      write,
      say,
      answer: ({ id }, result) => say({ id, result }),
      complain: (text) => void Queue.offerUnsafe(errors, new TextEncoder().encode(text)),
      exit: (code) => end(Deferred.succeed(exit, ChildProcessSpawner.ExitCode(code))),
      exitAfter: (message, code) => {
        Effect.runSync(Deferred.succeed(exit, ChildProcessSpawner.ExitCode(code)))
        setTimeout(() => {
          say(message)
          end(Effect.void)
        }, 20)
      },
      hangUp: (text, code) => {
        write(text)
        end(Effect.void)
        setTimeout(() => Effect.runSync(Deferred.succeed(exit, ChildProcessSpawner.ExitCode(code))), 20)
      },
      deafen: () => void (isDeaf = true),
      die: (signal) =>
        end(Deferred.fail(
          exit,
          PlatformError.systemError({
            _tag: "Unknown",
            module: "ChildProcess",
            method: "exitCode",
            description: `Process interrupted due to receipt of signal: '${signal}'`
          })
        )),
      start: ++start
    }
    onStart?.(program)
    let isDeaf = false
    let rest = ""
    const decoder = new TextDecoder()
    const stdout = Stream.fromQueue(output)
    const stderr = Stream.fromQueue(errors)
    return ChildProcessSpawner.makeHandle({
      // A process that nobody has.
      pid: ChildProcessSpawner.ProcessId(2 ** 30 + start),
      exitCode: Deferred.await(exit),
      isRunning: Effect.sync(() => !Deferred.isDoneUnsafe(exit)),
      kill: (options) => Effect.sync(() => program.die(options?.killSignal ?? "SIGTERM")),
      stdin: Sink.forEach((bytes: Uint8Array) =>
        isDeaf ? Effect.fail(brokenPipe) : Effect.sync(() => {
          const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n")
          rest = lines.pop() ?? ""
          for (const line of lines) {
            const message: Message = JSON.parse(line)
            sent.push(message)
            server(message, program)
          }
        })
      ).pipe(Sink.onExit((result) => Effect.sync(() => Exit.isSuccess(result) && program.exit(0)))),
      stdout,
      stderr,
      all: stdout,
      getInputFd: () => Sink.drain,
      getOutputFd: () => Stream.empty,
      unref: Effect.succeed(Effect.void)
    })
  })
  return {
    sent,
    starts: () => start,
    layer: Layer.succeed(ChildProcessSpawner.ChildProcessSpawner, ChildProcessSpawner.make(() => spawn()))
  }
}

/** A server of these tools that does with a call what it likes, and with other messages what servers do. */
export const serving =
  (tools: ReadonlyArray<object>, onCall: (message: Message, program: Program) => void) =>
  (message: Message, program: Program): void => {
    switch (message.method) {
      case "initialize":
        return program.answer(message, initialized())
      case "tools/list":
        return program.answer(message, { tools })
      case "tools/call":
        return onCall(message, program)
    }
  }
