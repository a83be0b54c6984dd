/**
 * JavaScript that a model wrote, in an interpreter of its own (QuickJS in WebAssembly, in a worker thread). The code reaches
 * nothing but the functions that it is given: no files, no network, no process, no timers. Its memory, its time and its output
 * have limits, and it ends when its call is interrupted, even in an endless loop. Runs on Node only, with the packages
 * `quickjs-wasi` and `acorn` installed.
 *
 * @example
 * const { output, value } = yield* Sandbox.run("console.log('hi'); await double(20) + 2", {
 *   functions: { double: (n: number) => Effect.succeed(n * 2) }
 * })
 * output // => "hi\n"
 * value // => 42
 */
import { make as makeThreads } from "#node/sandbox/internal/threads"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { kindOf } from "../text/kind.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import { limitNames } from "./internal/limits.ts"
import type { Program } from "./internal/messages.ts"
import { isName } from "./internal/names.ts"
import { open as openSession } from "./internal/session.ts"
import type { Threads } from "./internal/threads.ts"
import type { SandboxError } from "./SandboxError.ts"

// Models

/** How much code may take. */
export interface Limits {
  /** The most bytes of memory that a session has; 67,108,864 (64 MB) by default. */
  readonly memory?: number | undefined
  /** How long one piece of code may compute; 5 seconds by default. Waiting for the given functions does not count. */
  readonly time?: Duration.Input | undefined
  /** The most characters that one piece of code may print, and that its value may have; 1,000,000 by default. */
  readonly output?: number | undefined
}

/**
 * A function that code is given: called there, it gives a promise of what the Effect gives. Arguments and result are JSON; what the
 * Effect fails of is thrown there as an error with that message. At most 1,000 calls are under way at once.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- code may call it with anything: the function's own types say what it expects
export type HostFunction<R = never> = (...args: ReadonlyArray<any>) => Effect.Effect<unknown, unknown, R>

/** What code finds in a session, and how much it may take. */
export interface Options<R = never> extends Limits {
  /** The functions that it may call, by name. */
  readonly functions?: Readonly<Record<string, HostFunction<R>>> | undefined
  /** Variables that are there from the beginning, by name: JSON. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined
}

/** What came of a piece of code. */
export interface Evaluation {
  /** What it printed, each `console.log` with a line end. */
  readonly output: string
  /** The value of its last statement, awaited, as JSON; `undefined` where it has none, or is nothing that JSON has. */
  readonly value: unknown
  /** The same value as `console.log` shows it; `undefined` where it is that. */
  readonly shown: string | undefined
}

/** An interpreter with what was run in it: variables and functions of one piece of code are there for the next. */
export interface Session<R = never> {
  /**
   * Runs a piece of code, after those before it. It may `await` at its top, and ends when all that it has begun has ended. What it
   * declares again is replaced.
   */
  readonly run: (code: string) => Effect.Effect<Evaluation, SandboxError, R>
}

/** Opens sessions. */
export interface Service {
  readonly open: <R = never>(options: Options<R>) => Effect.Effect<Session<R>, SandboxError, Scope.Scope>
}

/**
 * The sandbox of what runs in this context. The default is one of the process, with as many threads as there are processors, and
 * two at least: a session has one of its own, and shares one where there are more sessions. Another service in its place may run
 * code somewhere else.
 */
export const Sandbox = Context.Reference<Service>("effect-lm/sandbox/Sandbox", {
  defaultValue: () => service(makeThreads(), {})
})

// Constructors

/**
 * Opens a session, which has its interpreter until the scope is closed. Fails with `NotInstalled` where there is none. Names that no
 * variable of JavaScript can have, and variables that are no JSON, throw a `TypeError`.
 *
 * @example
 * const session = yield* Sandbox.open({ variables: { words: ["to", "be"] } })
 * yield* session.run("const count = words.length")
 * const { value } = yield* session.run("count * 2") // => 4
 */
export const open = <R = never>(options: Options<R> = {}): Effect.Effect<Session<R>, SandboxError, Scope.Scope> => {
  onlyKnown("Sandbox.open", options, optionNames)
  return Effect.flatMap(Sandbox, ({ open }) => open(options))
}

/**
 * Runs one piece of code in a session of its own. The options are those of {@link open}.
 *
 * @example
 * const { value } = yield* Sandbox.run("[3, 1, 2].sort()") // => [1, 2, 3]
 */
export const run = <R = never>(code: string, options: Options<R> = {}): Effect.Effect<Evaluation, SandboxError, R> => {
  given("Sandbox.run", { code: Kinds.text }, [code])
  return Effect.scoped(Effect.flatMap(open(options), (session) => session.run(code)))
}

// Layers

/**
 * A sandbox with threads of its own, which end with the layer, and with other limits for sessions that say none. `threads` is how many
 * there are at most; as many as there are processors by default, and two at least.
 *
 * @example
 * program.pipe(Effect.provide(Sandbox.layer({ threads: 4, memory: 16 * 1024 * 1024, time: "1 second" })))
 */
export const layer = (options: Limits & { readonly threads?: number | undefined } = {}): Layer.Layer<never> => {
  const { threads, ...limits } = onlyKnown("Sandbox.layer", options, {
    ...limitNames,
    threads: Kinds.countFrom(1)
  })
  return Layer.effect(
    Sandbox,
    Effect.map(
      Effect.acquireRelease(Effect.sync(() => makeThreads(threads)), ({ close }) => close),
      (threads) => service(threads, limits)
    )
  )
}

// Details

const optionNames: Names<Options> = {
  ...limitNames,
  functions: Kinds.recordOf("functions by name, as { search: (query) => Effect.succeed(...) }", Kinds.fn()),
  variables: Kinds.objectOf("values by name")
}

const service = (threads: Threads, usual: Limits): Service => ({
  open: (options) => Effect.suspend(() => openSession(threads, programOf(options, usual), options.functions ?? {}))
})

const programOf = <R>({ functions = {}, variables = {}, ...own }: Options<R>, usual: Limits): Program => {
  const limit = <K extends keyof Limits>(name: K) => own[name] ?? usual[name]
  return {
    functions: Object.keys(functions).map(asName),
    variables: Object.entries(variables).flatMap(([name, value]) => {
      const json = Result.try((): unknown => JSON.stringify(value))
      if (Result.isFailure(json)) throw new TypeError(`the variable '${name}' is no JSON: ${String(json.failure)}`)
      if (typeof json.success === "string") return [[asName(name), json.success] as const]
      if (value === undefined) return []
      throw new TypeError(`the variable '${name}' is ${kindOf(value)}, which JSON does not have`)
    }),
    memory: limit("memory") ?? 64 * 1024 * 1024,
    time: Duration.toMillis(Duration.fromInputUnsafe(limit("time") ?? "5 seconds")),
    output: limit("output") ?? 1_000_000
  }
}

const asName = (name: string): string => {
  if (isName(name)) return name
  throw new TypeError(`'${name}' is no name for a variable of JavaScript, or one that the sandbox keeps for itself`)
}
