/** A tracer that keeps what was traced. */
import { Effect, type Exit, Option, Tracer } from "effect"

export interface Recorded {
  readonly name: string
  readonly kind: string
  readonly parent: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
  readonly exit: Exit.Exit<unknown, unknown>
}

export interface Recorder {
  /** The spans that have ended, in the order of their ends. */
  readonly spans: ReadonlyArray<Recorded>
  /** How many were begun. */
  readonly begun: () => number
  readonly traced: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const recorder = (): Recorder => {
  const spans: Array<Recorded> = []
  let begun = 0
  const tracer = Tracer.make({
    span: (options) => {
      begun++
      const span = new Tracer.NativeSpan(options)
      const end = span.end.bind(span)
      span.end = (time, exit) => {
        end(time, exit)
        const parent = Option.getOrUndefined(span.parent)
        spans.push({
          name: span.name,
          kind: span.kind,
          parent: parent?._tag === "Span" ? parent.name : undefined,
          attributes: Object.fromEntries(span.attributes),
          exit
        })
      }
      return span
    }
  })
  return { spans, begun: () => begun, traced: Effect.withTracer(tracer) }
}
