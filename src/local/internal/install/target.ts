/**
 * Where it is installed, the parts that a model needs, and the errors that say what to do.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import { PlatformError } from "effect/PlatformError"
import type * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as LMError from "../../../lm/LMError.ts"
import type { Installation, Progress } from "../../LocalModel.ts"

// Models

/** Where to install, for which machine. */
export interface Target {
  readonly cacheDirectory: string
  /** As `process.platform` names it. */
  readonly platform: string
  /** As `process.arch` names it. */
  readonly arch: string
  /** As errors name the model that is wanted. */
  readonly model: string
  readonly report: (progress: Progress) => Effect.Effect<void>
  /** Whether this may be installed. */
  readonly mayInstall: (installation: Installation) => Effect.Effect<boolean>
  /** How many bytes can still be written where a folder is. */
  readonly freeSpace: (directory: string) => Effect.Effect<number>
}

/** Something that a model needs: there, or still to be made. */
export interface Part<out A> {
  readonly value: A
  /** In words, within a sentence. */
  readonly name: string
  readonly place: string
  readonly isThere: boolean
  /** What is wrong with the file that is in its place. */
  readonly damage: string | undefined
  /** How many bytes it keeps, and how many it needs while it is installed. */
  readonly size: number
  readonly room: number
  readonly make: Effect.Effect<
    void,
    LMError.LMError,
    FileSystem.FileSystem | Path.Path | ChildProcessSpawner.ChildProcessSpawner
  >
}

// In words

/** What else to do. */
export const otherwise =
  "try again, name a model (OPENAI_API_KEY, OPENAI_BASE_URL), or start a local server such as Ollama"

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

// Errors

export const fail = (target: Target, reason: LMError.Reason) =>
  Effect.fail(new LMError.LMError({ model: target.model, reason }))

/** Errors of files become errors of the model, which name the folder. */
export const readable = (target: Target) => <A, E, R>(self: Effect.Effect<A, E | PlatformError, R>) =>
  Effect.catchIf(self, isPlatformError, (error) => failFile(target, error))

const isPlatformError = (u: unknown): u is PlatformError => u instanceof PlatformError

const failFile = (target: Target, error: PlatformError) =>
  fail(
    target,
    new LMError.UnsupportedModel({
      description:
        `${target.cacheDirectory} cannot be written (${error.message}): name another cacheDirectory, or ${otherwise}`
    })
  )
