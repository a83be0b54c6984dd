/**
 * What a tool's function is told of its call.
 */
import type * as Effect from "effect/Effect"
import type { ToolReporter } from "../../run/Watched.ts"
import type { CallContext } from "../Tool.ts"

class CallContextImpl implements CallContext {
  readonly toolCallId: string
  readonly progress: (value: unknown) => Effect.Effect<void>
  readonly #report: ToolReporter
  #controller: AbortController | undefined

  constructor(report: ToolReporter) {
    this.toolCallId = report.toolCallId
    this.progress = report.progress
    this.#report = report
  }

  /** What tells the observers of the call. */
  static reporterOf(context: CallContext): ToolReporter {
    return (context as CallContextImpl).#report // there is no other class of them
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

export const { reporterOf } = CallContextImpl

export const isCallContext = (u: unknown): boolean => u instanceof CallContextImpl
