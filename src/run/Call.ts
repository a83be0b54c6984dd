/**
 * Call identity: which run, which call, which place in the program.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Usage from "../lm/Usage.ts"

/** One run of a program: the outermost module call and everything below it. Ids and sequence numbers are counters. */
export interface Run {
  /** The next event's sequence number, from 1. */
  readonly nextSequence: () => number
  /** What the run keeps until its outermost call is over: resources that its calls share. */
  readonly scope: () => Scope.Scope
  readonly release: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
}

/**
 * One call of a module, a language model or a tool. `path` says where in the program (`synthesize`, `agent.react`; `self` for the
 * outermost module), `name` what it is (`ChainOfThought`, `openai/gpt-4o-mini`).
 */
export interface Call {
  readonly run: Run
  /** Unique in the process, and so different in each run. */
  readonly id: number
  /**
   * What the call is called outside of the process: the calls and iterations that it is a part of, and its number among its
   * equals there, from the second one on. `synthesize`, `agent@2.react`, `agent@2>search#3` (a tool or a model is after `>`).
   * Unique in a run, and the same in each run that makes the same calls in the same order.
   */
  readonly place: string
  readonly parent: Call | undefined
  readonly path: string
  readonly name: string
  /** The iteration of the innermost agent that the call is part of, from 1; missing outside of agents. */
  readonly iteration: number | undefined
  /** The place of the tool call that the call is part of, the innermost one; missing outside of tool calls. */
  readonly toolCall: string | undefined
  /** The innermost attempt that the call is part of. What the call shows counts unless the attempt is discarded: see {@link attempt}. */
  readonly attempt: Attempt | undefined
  /** Whether what is called below is a program of its own, the outermost one of its calls. See {@link group}. */
  readonly isOutside: boolean
  /** Counts one more call below this one at this place, and gives the number of calls there so far. */
  readonly count: (place: string) => number
  /** What the call and all calls below it used so far. */
  readonly usage: () => Usage.Usage
  /** Adds to the usage of this call and of all calls above it. */
  readonly addUsage: (usage: Usage.Usage) => void
}

/** One of several attempts at what the call `of` does; ids are those of calls. */
export interface Attempt {
  readonly id: number
  readonly of: number
}

/** The path of a program's outermost module. */
export const rootPath = "self"

/** The call that the running code is part of; none outside of a program. */
export const CurrentCall = Context.Reference<Call | undefined>("effect-lm/run/CurrentCall", {
  defaultValue: () => undefined
})

let lastId = 0

const makeRun = (): Run => {
  let sequence = 0
  // Most runs keep nothing.
  let scope: Scope.Closeable | undefined
  return {
    nextSequence: () => ++sequence,
    scope: () => scope ??= Scope.makeUnsafe(),
    release: (exit) => scope === undefined ? Effect.void : Scope.close(scope, exit)
  }
}

/**
 * A call below `parent`, at the place `key` there; without a parent, the first call of a new run. Without a key it stands in its
 * parent's place: a module that another one is wrapped around.
 */
export const make = (parent: Call | undefined, key: string | undefined, name: string): Call =>
  parent === undefined
    ? at(undefined, rootPath, rootPath, name)
    : key === undefined || parent.isOutside
    ? within(parent, name)
    : at(parent, below(parent.path, key), below(parent.place, escaped(key)), name)

/** The path, or the place, of what stands under this key below another one. */
export const below = (place: string, key: string): string => place === rootPath ? key : `${place}.${key}`

/** A call below `parent` that has no path of its own: a language model call of a predictor, a tool call. */
export const within = (parent: Call, name: string): Call =>
  at(parent, parent.path, `${parent.place}>${escaped(name).replaceAll(".", "%2E")}`, name)

/** Runs what a call does. When the outermost call of a run is over, what the run has kept is released. */
export const run = <A, E, R>(call: Call, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  call.parent === undefined ? Effect.onExit(self, call.run.release) : self

/** The same call in one of its iterations: what is called below it is part of that iteration. */
export const inIteration = (call: Call, iteration: number): Call => ({
  ...call,
  iteration,
  place: `${call.place}@${iteration}`
})

/** An attempt at what `parent` does, which stands in the place of `parent`. What is called below it counts unless the attempt is discarded. */
export const attempt = (parent: Call): Call => {
  const call = at(parent, parent.path, `${parent.place}>attempt`, parent.name)
  return { ...call, attempt: { id: call.id, of: parent.id }, isOutside: parent.isOutside }
}

/**
 * Calls that belong together, as one: what they use is counted, and they stand where the group stands. Without a parent it begins a
 * run, of whose programs each is the outermost one.
 */
export const group = (parent: Call | undefined, name: string): Call => ({
  ...(parent === undefined ? at(undefined, rootPath, rootPath, name) : within(parent, name)),
  isOutside: parent === undefined || parent.isOutside
})

/** A tool call, as the code that the tool runs sees it: what is called below it is part of the tool call. */
export const inToolCall = (call: Call): Call => ({ ...call, toolCall: call.place })

const at = (parent: Call | undefined, path: string, place: string, name: string): Call => {
  let used = Usage.empty
  // Made with the first call below, since many calls, such as those of a language model, have none below.
  let counts: Map<string, number> | undefined
  const nth = parent === undefined ? 1 : parent.count(place)
  return {
    run: parent === undefined ? makeRun() : parent.run,
    id: ++lastId,
    place: nth === 1 ? place : `${place}#${nth}`,
    parent,
    path,
    name,
    iteration: parent?.iteration,
    toolCall: parent?.toolCall,
    attempt: parent?.attempt,
    isOutside: false,
    count: (place) => {
      const nth = (counts?.get(place) ?? 0) + 1
      counts ??= new Map()
      counts.set(place, nth)
      return nth
    },
    usage: () => used,
    addUsage: (usage) => {
      used = Usage.add(used, usage)
      parent?.addUsage(usage)
    }
  }
}

/** A name inside of a place, without the characters that mean something there. */
const escaped = (name: string): string => special.test(name) ? name.replaceAll(everySpecial, encodeURIComponent) : name

const special = /[%#@>]/
const everySpecial = /[%#@>]/g
