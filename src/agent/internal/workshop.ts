/**
 * Where a model's code runs: a session in a sandbox, whose functions are the agent's tools. To the agent and to a run's observers
 * running code is the call of a tool, with the calls that the code makes below it.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Watched from "../../run/Watched.ts"
import * as Sandbox from "../../sandbox/Sandbox.ts"
import * as SandboxError from "../../sandbox/SandboxError.ts"
import { isRecord } from "../../text/json/values.ts"
import { readArguments } from "../../tool/internal/arguments.ts"
import { bounded } from "../../tool/internal/text.ts"
import type * as Toolbox from "../../tool/Toolbox.ts"
import * as ToolError from "../../tool/ToolError.ts"
import type { StepCall } from "../Trajectory.ts"
import { stepCallOf } from "./agent.ts"
import { byName, namesOf } from "./codeNames.ts"
import { describe } from "./textProtocol.ts"

// Models

/** The name under which code is run, in events, messages and trajectories. */
export const codeTool = "javascript"

/** A session, and the tools in it. */
export interface Workshop {
  /** Runs code, by the name {@link codeTool}. */
  readonly toolbox: Toolbox.Toolbox
  /** The tools in words, by the names that they have in code. */
  readonly told: string
  readonly takeCalls: () => ReadonlyArray<StepCall>
}

/** How much code may take, and how much the model is told of it. */
export interface Limits extends Sandbox.Limits {
  /** The most characters of an observation. */
  readonly maxObservationLength: number
}

/** What code finds beside the tools. */
export interface Beside {
  readonly functions: Readonly<Record<string, Sandbox.HostFunction>>
  readonly variables: Readonly<Record<string, unknown>>
  /** Ends the code that runs, wherever it is, with what is told of that. */
  readonly over: Effect.Effect<string>
}

// Constructors

/** Opens a session for a run of an agent. Fails where there can be none, or where the variables do not fit into its memory. */
export const open = (
  tools: Toolbox.Toolbox,
  { maxObservationLength, ...limits }: Limits,
  beside?: Beside
): Effect.Effect<Workshop, SandboxError.SandboxError, Scope.Scope> => {
  let made: Array<StepCall | undefined> = []
  /** The call that runs code now, and how many calls that code has made. */
  let current: Toolbox.Request | undefined
  let calls = 0
  const names = namesOf(tools.names, Object.keys({ ...beside?.functions, ...beside?.variables }))

  const called = (name: string) => (...args: ReadonlyArray<unknown>) =>
    Effect.suspend(() => {
      const spec = tools.specs.find((spec) => spec.name === name)!
      const call = {
        tool: name,
        arguments: { _tag: "Json", value: byName(args, parametersOf(spec)) }
      } as const
      const id = `${current?.toolCallId ?? codeTool}_${++calls}`
      const at = made.push(undefined) - 1
      const list = made
      return tools.call({ name, arguments: call.arguments, toolCallId: id, messages: current?.messages }).pipe(
        Effect.tap((observation) => Effect.sync(() => list[at] = stepCallOf(id, call, observation))),
        Effect.flatMap((observation) =>
          observation._tag === "Success" ? Effect.succeed(observation.value) : Effect.fail(new Error(observation.text))
        )
      )
    })

  const functions = {
    ...beside?.functions,
    ...Object.fromEntries([...names].map(([own, name]) => [own, called(name)]))
  }
  const variables = beside?.variables ?? {}
  const opened = Effect.tap(
    Sandbox.open({ ...limits, functions, variables }),
    (session) => beside === undefined ? Effect.void : fitting(session)
  )
  return Effect.map(opened, (session) => ({
    toolbox: codeToolbox((code, request) => {
      current = request
      calls = 0
      return beside === undefined ? session.run(code) : Effect.raceFirst(session.run(code), ended(beside.over))
    }, maxObservationLength),
    told: [...names].map(([own, name]) => describe({ ...tools.specs.find((spec) => spec.name === name)!, name: own }))
      .join("\n"),
    takeCalls: () => {
      const taken = made
      made = []
      return taken.filter((call) => call !== undefined)
    }
  }))
}

// Details

/** Sees to it that the variables of a session are there before anything is asked. */
const fitting = (session: Sandbox.Session): Effect.Effect<unknown, SandboxError.SandboxError> =>
  Effect.mapError(session.run(""), (error) =>
    error.reason._tag !== "Memory" ? error : new SandboxError.SandboxError({
      reason: new SandboxError.Memory({
        description: "the inputs alone need more memory than the sandbox may have: give it more by the option `memory`"
      }),
      output: ""
    }))

/** What is told of code that was ended. */
const ended = (over: Effect.Effect<string>): Effect.Effect<Sandbox.Evaluation> =>
  Effect.map(over, (output) => ({ output, value: undefined, shown: undefined }))

/** A toolbox whose only tool runs code. */
const codeToolbox = (
  run: (code: string, request: Toolbox.Request) => Effect.Effect<Sandbox.Evaluation, SandboxError.SandboxError>,
  most: number
): Toolbox.Toolbox => {
  const toolbox: Toolbox.Toolbox = {
    specs: [],
    names: [codeTool],
    only: () => toolbox,
    call: (request) => {
      const args = Result.getOrElse(readArguments(request.arguments, Infinity, false), () => ({}))
      const code = isRecord(args) && typeof args["code"] === "string" ? args["code"] : ""
      return Watched.toolCall(
        { name: codeTool, toolCallId: request.toolCallId, inputs: { code } },
        () => run(code, request)
      ).pipe(Effect.match({
        onSuccess: (evaluation): Toolbox.Observation => ({
          _tag: "Success",
          value: evaluation.value,
          text: textOf(evaluation, most)
        }),
        onFailure: (error): Toolbox.Observation => ({
          _tag: "Failure",
          kind: "Failed",
          text: `${bounded(error.output, most)}${bounded(error.message, most)}`,
          error: new ToolError.ToolError({
            tool: codeTool,
            reason: new ToolError.Failed({ description: error.message, cause: error })
          })
        })
      }))
    }
  }
  return toolbox
}

const textOf = ({ output, shown }: Sandbox.Evaluation, most: number): string =>
  output === "" && shown === undefined
    ? "(The code printed nothing, and its last line has no value.)"
    : bounded(`${output}${shown === undefined ? "" : `=> ${shown}`}`, most)

const parametersOf = ({ parameters }: Toolbox.Toolbox["specs"][number]): ReadonlyArray<string> =>
  isRecord(parameters["properties"]) ? Object.keys(parameters["properties"]) : []
