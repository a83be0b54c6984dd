/**
 * Runs commands inside the test: what they read is given, what they write is kept, and a scripted model answers.
 */
import { NodeServices } from "@effect/platform-node"
import {
  type Cause,
  ConfigProvider,
  Effect,
  Layer,
  Option,
  PlatformError,
  Queue,
  Sink,
  Stdio,
  Stream,
  Terminal
} from "effect"
import type { LMRequest, LocalModel } from "effect-lm"
import { Models, type Runner } from "effect-lm/cli"
import { LM } from "effect-lm/lm/LM"
import type { LMError } from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import type { Command } from "effect/cli"
import { TestConsole } from "effect/testing"

/** What a command is run with. */
export interface World {
  /** What the model answers; it must be asked for all of it. */
  readonly script?: ScriptedLM.Script
  readonly stdin?: string
  /** Keys that are pressed, if standard input and standard error are a terminal. */
  readonly keys?: ReadonlyArray<string>
  /** Lines that are typed where a line is asked for, each once its question stands there. */
  readonly lines?: ReadonlyArray<string>
  /** Standard output and standard error are terminals. */
  readonly terminal?: boolean
  readonly env?: Record<string, string>
  /** Who answers; `scripted/test` if left out. */
  readonly model?: string
  /** What has to be installed for the model. */
  readonly missing?: LocalModel.Installation
  /** What the model tells while it is installed and loaded. */
  readonly progress?: ReadonlyArray<LocalModel.Progress>
  /** There is no model. */
  readonly noModel?: LMError
  /** How many writes to standard output succeed before its reader goes away. */
  readonly closesAfter?: number
}

/** What came of it. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Both, in the order in which they were written. */
  readonly screen: string
  readonly requests: ReadonlyArray<LMRequest.LMRequest>
  readonly interrupted: number
  /** Whether what was missing may be installed, where that was asked. */
  readonly mayInstall: boolean | undefined
  /** What the flags said of the model. */
  readonly choice: { readonly model: string | undefined; readonly baseUrl: string | undefined } | undefined
}

export const run = Effect.fnUntraced(function*(
  self: Effect.Effect<void, Runner.CommandFailed, Command.Environment>,
  world: World = {}
) {
  const lm = yield* ScriptedLM.make(world.script ?? [], { model: world.model })
  const written: Array<{ readonly to: "stdout" | "stderr"; readonly text: string }> = []
  let choice: Outcome["choice"]
  let mayInstall: boolean | undefined
  let writes = 0
  const sink = (to: "stdout" | "stderr") =>
    Sink.forEach((text: string | Uint8Array) =>
      to === "stdout" && writes++ >= (world.closesAfter ?? Infinity)
        ? Effect.fail(closedPipe)
        : Effect.sync(() => void written.push({ to, text: String(text) }))
    )
  const before = { said: (yield* TestConsole.errorLines).length, logged: (yield* TestConsole.logLines).length }
  const typed = world.keys !== undefined
  const stdio = Stdio.layerTest({
    stdin: Stream.make(new TextEncoder().encode(world.stdin ?? "")),
    stdout: () => sink("stdout"),
    stderr: () => sink("stderr"),
    stdinIsTerminal: Effect.succeed(typed),
    stdoutIsTerminal: Effect.succeed(world.terminal ?? false),
    stderrIsTerminal: Effect.succeed(typed || (world.terminal ?? false))
  })
  const exit = yield* self.pipe(
    Effect.provide(
      Layer.mergeAll(
        NodeServices.layer,
        stdio,
        keyboard(
          world.keys ?? [],
          world.lines ?? [],
          () => written.filter(({ text }) => text.includes("Allow it?")).length
        )
      )
    ),
    Effect.provideService(Models.Models, (flags) => {
      choice = { model: flags.model, baseUrl: flags.baseUrl }
      return Layer.effect(
        LM,
        Effect.gen(function*() {
          if (world.missing !== undefined) mayInstall = yield* flags.mayInstall(world.missing)
          yield* Effect.forEach(world.progress ?? [], flags.onProgress, { discard: true })
          return yield* world.noModel === undefined ? Effect.succeed(lm.service) : Effect.fail(world.noModel)
        })
      )
    }),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: world.env ?? {} })),
    Effect.match({ onFailure: (failed) => failed.code, onSuccess: () => 0 })
  )
  yield* lm.assertComplete
  const text = (to: "stdout" | "stderr") =>
    written.filter((write) => write.to === to).map((write) => write.text).join("")
  const said = (yield* TestConsole.errorLines).slice(before.said)
  const logged = (yield* TestConsole.logLines).slice(before.logged)
  const outcome: Outcome = {
    code: exit,
    stdout: text("stdout") + logged.map((line) => `${line}\n`).join(""),
    stderr: text("stderr") + said.map((line) => `${line}\n`).join(""),
    screen: written.map((write) => write.text).join(""),
    requests: yield* lm.requests,
    interrupted: yield* lm.interrupted,
    mayInstall,
    choice
  }
  return outcome
})

const closedPipe = PlatformError.systemError({
  _tag: "Unknown",
  module: "Stdio",
  method: "stdout",
  cause: Object.assign(new Error("write EPIPE"), { code: "EPIPE" })
})

/** A keyboard on which these keys are pressed, one after the other: characters, `enter`, `down`; `ctrl-c` ends it. */
const keyboard = (keys: ReadonlyArray<string>, lines: ReadonlyArray<string>, questions: () => number) =>
  Layer.effect(
    Terminal.Terminal,
    Effect.gen(function*() {
      let answered = 0
      const input = yield* Queue.unbounded<Terminal.UserInput, Cause.Done>()
      for (const key of keys) {
        if (key === "ctrl-c") yield* Queue.end(input)
        yield* Queue.offer(input, {
          input: /^[a-z-]{2,}$/.test(key) ? Option.none() : Option.some(key),
          key: { name: key, ctrl: false, meta: false, shift: false }
        })
      }
      return Terminal.make({
        columns: Effect.succeed(80),
        rows: Effect.succeed(24),
        size: Effect.die("not asked for"),
        readInput: Effect.succeed(input),
        readLine: Effect.suspend(() => {
          if (questions() === answered) return Effect.never
          const line = lines[answered++]
          return line === undefined ? Effect.die("not asked for") : Effect.succeed(line)
        }),
        display: () => Effect.die("only results go to standard output")
      })
    })
  )
