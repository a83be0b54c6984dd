/**
 * How every module is called: its identity in the run, its start and its end as events.
 */
import * as Effect from "effect/Effect"
import { pipeArguments } from "effect/Pipeable"
import * as Call from "../../run/Call.ts"
import { Observers } from "../../run/Observer.ts"
import { watched } from "../../run/Watched.ts"
import type { Any, CallOptions, Definition } from "../Module.ts"

/** The property by which a module is told from any other function: it holds the definition. */
export const TypeId = "~effect-lm/module/Module" as const

/** Whether a value is a module: a predictor, an agent, or a composed one. */
export const isModule = (u: unknown): u is Any => typeof u === "function" && Object.hasOwn(u, TypeId)

/**
 * The callable module of a definition. `key` is its place below the module that calls it; without one, it stands in that module's
 * place.
 */
export const bind = <M extends Any = Any>(definition: Definition, key: string | undefined): M =>
  Object.defineProperties(
    (input: unknown, options: CallOptions = {}) => invoke(definition, key, input, options),
    {
      ...definition.members,
      [TypeId]: { value: definition },
      name: { value: definition.name },
      modules: { value: definition.modules, enumerable: true },
      signatures: { value: definition.signatures, enumerable: true },
      signature: { value: definition.signature, enumerable: true },
      pipe: {
        value() {
          return pipeArguments(this, arguments)
        }
      },
      toString: {
        value: () => `${definition.name}(${definition.signature ?? Object.keys(definition.modules).join(", ")})`
      }
    }
  ) as unknown as M // defineProperties does not tell the type of what it defines, nor a definition that of its module

const invoke = (
  definition: Definition,
  key: string | undefined,
  input: unknown,
  options: CallOptions
): ReturnType<Any> =>
  Effect.withFiber((fiber) => {
    const call = Call.make(fiber.getRef(Call.CurrentCall), key, definition.name)
    return watched(
      Call.run(call, Effect.suspend(() => definition.run(input, options, call))),
      fiber.getRef(Observers),
      () => ({
        _tag: "ModuleStart",
        sequence: call.run.nextSequence(),
        call,
        inputs: record(input),
        isAgent: definition.isAgent === true
      }),
      (outcome, durationMillis) => ({
        _tag: "ModuleEnd",
        sequence: call.run.nextSequence(),
        call,
        outcome,
        durationMillis,
        usage: call.usage()
      })
    )
  })

const record = (input: unknown): Readonly<Record<string, unknown>> =>
  typeof input === "object" && input !== null ? { ...input } : {}
