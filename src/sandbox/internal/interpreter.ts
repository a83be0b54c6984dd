/**
 * One interpreter: the JavaScript engine of a session, with its limits. It knows nothing of threads.
 *
 * Everything in it happens in stretches, in which the code computes until it has nothing to do but to wait for functions. A
 * stretch cannot be paused, only ended: by the engine, which asks often whether to go on.
 */
import * as Result from "effect/Result"
import type { JSException, JSValueHandle, QuickJS } from "quickjs-wasi"
import type * as Quickjs from "quickjs-wasi"
import type { Answer, End, Program } from "./messages.ts"
import { prelude } from "./prelude.ts"
import { type Parser, scriptOf } from "./script.ts"

// Models

/** What interpreters are made with. */
export interface Engine {
  readonly quickjs: Pick<typeof Quickjs, "EvalFlags" | "JSException" | "MAX_STACK_SIZE" | "QuickJS">
  readonly wasm: WebAssembly.Module
  readonly parser: Parser
}

/** What an interpreter is a part of. */
export interface Host {
  readonly print: (text: string) => void
  readonly call: (id: number, name: string, args: string) => void
  readonly done: (end: End) => void
  /** Whether the code in hand is to end. */
  readonly isStopped: () => boolean
  /** Called where a stretch begins and ends. */
  readonly tick: () => void
}

/** A piece of code at work. */
interface Run {
  /** What is left of its time, in milliseconds. */
  left: number
  /** What is left of its output, in characters. */
  room: number
  /** The calls that wait for an answer, and how long their arguments are. */
  readonly calls: Map<number, number>
  /** What is left for the arguments of calls that wait, in characters. */
  argumentRoom: number
  /** What its last line gave, or what it threw. */
  end: End | undefined
  /** Why the engine is to end it. */
  halt: "Timeout" | "Output" | "Stopped" | undefined
  /** Rejected promises that nobody has looked at. */
  readonly lost: Map<number, End>
}

/** The engine's half: functions that {@link prelude} gave. */
type Guest = Readonly<Record<"give" | "set" | "answer" | "forget" | "watch" | "describe", JSValueHandle>>

interface Machine {
  readonly vm: QuickJS
  readonly guest: Guest
}

/** A call more than these at once is refused. */
const mostCalls = 1000

// Constructors

/** Makes the interpreter of a session. */
export const make = (engine: Engine, program: Program, host: Host) => {
  const { EvalFlags, JSException, MAX_STACK_SIZE, QuickJS } = engine.quickjs
  const taken = new Set([...program.functions, "console", "print"])
  let machine: Machine | undefined
  let run: Run | undefined
  let calls = 0
  let until = Infinity

  const start = (): Promise<Machine> =>
    QuickJS.create({
      wasm: engine.wasm,
      ...(Number.isFinite(program.memory) ? { memoryLimit: program.memory } : {}),
      maxStackSize: MAX_STACK_SIZE,
      timezoneOffset: 0,
      interruptHandler: () => {
        if (run === undefined) return false
        if (host.isStopped()) run.halt = "Stopped"
        else if (performance.now() > until) run.halt ??= "Timeout"
        return run.halt !== undefined
      },
      onUnhandledRejection: (promise, reason, isHandled) => {
        if (isHandled) run?.lost.delete(promise.identity)
        else run?.lost.set(promise.identity, described(reason))
      }
    }).then((vm) => {
      const functions = Object.entries({ print, call, settled }).map(([name, f]) => vm.newFunction(name, f))
      const made = vm.callFunction(vm.evalCode(prelude, "prelude.js"), vm.undefined, ...functions)
      const guest = (name: keyof Guest) => made.getProp(name)
      return {
        vm,
        guest: {
          give: guest("give"),
          set: guest("set"),
          answer: guest("answer"),
          forget: guest("forget"),
          watch: guest("watch"),
          describe: guest("describe")
        }
      }
    })

  /** There is a machine; a new one has the functions and the variables of the session, and nothing else. */
  const ready = (): Promise<void> =>
    machine !== undefined ? Promise.resolve() : start().then((made) => {
      machine = made
      for (const name of program.functions) tell("give", name)
      for (const [name, json] of program.variables) tell("set", name, json)
    })

  // What the engine calls

  const text = (handle: JSValueHandle | undefined) =>
    handle === undefined || handle.isUndefined ? undefined : handle.toString()

  function print(line: JSValueHandle): JSValueHandle {
    spend(`${text(line)}\n`)
    return machine!.vm.undefined
  }

  function call(name: JSValueHandle, args: JSValueHandle): JSValueHandle {
    const { vm } = machine!
    const json = args.toString()
    if (run === undefined || run.calls.size >= mostCalls || json.length > run.argumentRoom) return vm.newNumber(-1)
    const id = ++calls
    run.calls.set(id, json.length)
    run.argumentRoom -= json.length
    host.call(id, name.toString(), json)
    return vm.newNumber(id)
  }

  function settled(isSuccess: JSValueHandle, ...told: ReadonlyArray<JSValueHandle>): JSValueHandle {
    const [first, second, third] = told.map(text)
    if (run === undefined) return machine!.vm.undefined
    if (!isSuccess.toBoolean()) run.end = thrown(first, second, third)
    else if ((first ?? "").length > run.room || (second ?? "").length > run.room) run.halt = "Output"
    else run.end = { _tag: "Success", json: first, shown: second }
    return machine!.vm.undefined
  }

  /** What is printed, as far as there is room. */
  const spend = (text: string) => {
    if (run === undefined || run.halt !== undefined) return
    host.print(text.slice(0, run.room))
    run.room -= text.length
    if (run.room < 0) run.halt = "Output"
  }

  // What calls the engine

  /** Calls one of the engine's half with texts; nothing is nothing there, too. */
  const tell = (name: keyof Guest, ...args: ReadonlyArray<string | number | boolean | undefined>) => {
    const { guest, vm } = machine!
    vm.withScope(() => {
      vm.callFunction(guest[name], vm.undefined, ...args.map((arg) => arg === undefined ? vm.undefined : of(vm, arg)))
    })
  }

  const described = (reason: JSValueHandle): End => {
    const { guest, vm } = machine!
    return vm.withScope(() => {
      const told = vm.callFunction(guest.describe, vm.undefined, reason)
      return thrown(told.getProp("0").toString(), told.getProp("1").toString(), told.getProp("2").toString())
    })
  }

  /** One stretch. What ends it, if anything does, ends the run. */
  const stretch = (current: Run, work: (vm: QuickJS) => void) => {
    const { vm } = machine!
    const began = performance.now()
    until = began + current.left
    host.tick()
    const worked = Result.try(() => {
      work(vm)
      vm.executePendingJobs()
    })
    host.tick()
    current.left -= performance.now() - began
    finish(
      current,
      current.halt !== undefined
        ? { _tag: current.halt }
        : Result.isFailure(worked)
        ? failure(vm, worked.failure)
        : endOf(current)
    )
  }

  /** How a run has ended, after a stretch; nothing if it waits for a function. */
  const endOf = ({ calls, end, lost }: Run): End | undefined => {
    if (end !== undefined && end._tag !== "Success") return end
    if (calls.size > 0) return undefined
    if (end === undefined) return { _tag: "Stuck" }
    const [first] = lost.values()
    return first ?? end
  }

  const failure = (vm: QuickJS, error: unknown): End => {
    if (!(error instanceof JSException)) return { _tag: "Died", description: died(error) }
    const { message, name, stack } = error
    return isMemory(vm, error) ? { _tag: "Memory" } : thrown(name, message, stack)
  }

  /** The engine says so, or has not even the memory to say it. */
  const isMemory = (vm: QuickJS, { message, name }: JSException): boolean =>
    (name === "InternalError" && message === "out of memory") ||
    (name === "<null>" && vm.getAllocatedSize() > 0.9 * program.memory)

  const finish = (current: Run, end: End | undefined) => {
    if (end === undefined) return
    run = undefined
    until = Infinity
    // What filled the memory cannot be told from what was there before, and what broke the engine may break it again.
    if (end._tag === "Memory" || end._tag === "Died") machine = undefined
    // Nobody answers them any more.
    else if (current.calls.size > 0) tell("forget")
    host.done(end)
  }

  return {
    run: (code: string): Promise<void> =>
      ready().then(() => {
        const script = scriptOf(engine.parser, code, taken)
        if (typeof script !== "string") {
          return host.done({ _tag: "Thrown", name: "SyntaxError", message: script.message, line: script.line })
        }
        const current: Run = {
          left: program.time,
          room: program.output,
          calls: new Map(),
          argumentRoom: program.memory,
          end: undefined,
          halt: undefined,
          lost: new Map()
        }
        run = current
        stretch(current, (vm) => {
          const promise = vm.evalCode(script, file, EvalFlags.ASYNC)
          vm.callFunction(machine!.guest.watch, vm.undefined, promise).dispose()
          promise.dispose()
        })
      }).catch((error: unknown) => {
        // The variables of the session alone do not fit.
        machine = undefined
        host.done(error instanceof JSException ? { _tag: "Memory" } : { _tag: "Died", description: died(error) })
      }),

    answer: (id: number, answer: Answer): void => {
      const current = run
      const length = current?.calls.get(id)
      if (current === undefined || length === undefined) return
      current.calls.delete(id)
      current.argumentRoom += length
      stretch(current, () =>
        answer._tag === "Success"
          ? tell("answer", id, true, answer.json)
          : tell("answer", id, false, answer.name, answer.message))
    },

    stop: (): void => {
      if (run !== undefined) finish(run, { _tag: "Stopped" })
    }
  }
}

// Details

const file = "code.js"

const of = (vm: QuickJS, value: string | number | boolean): JSValueHandle =>
  typeof value === "string"
    ? vm.newString(value)
    : typeof value === "number"
    ? vm.newNumber(value)
    : vm.hostToHandle(value)

const thrown = (name = "Error", message = "", stack = ""): End => {
  const line = /code\.js:(\d+)/.exec(stack)?.[1]
  return { _tag: "Thrown", name, message, line: line === undefined ? undefined : Number(line) }
}

/** What an error of the engine itself says. */
const died = (error: unknown): string =>
  error instanceof RangeError
    ? "it needs a deeper stack than there is"
    : error instanceof Error
    ? error.message
    : String(error)
