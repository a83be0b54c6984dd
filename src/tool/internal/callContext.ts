/**
 * What a tool's function is told of its call.
 */
import type * as Effect from "effect/Effect"
import type { ToolReporter } from "../../run/Watched.ts"
import type { CallContext } from "../Tool.ts"

class CallContextImpl implements CallContext {
  readonly toolCallId: string
  readonly progress: (value: unknown) => Effect.Effect<void>
  #controller: AbortController | undefined

  constructor({ progress, toolCallId }: ToolReporter) {
    this.toolCallId = toolCallId
    this.progress = progress
  }

  /** Most tools never look at it. */
  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal
  }

  abort(): void {
    this.#controller?.abort()
  }
}

export const make = (report: ToolReporter): CallContextImpl => new CallContextImpl(report)

export const isCallContext = (u: unknown): boolean => u instanceof CallContextImpl
