/**
 * A worker thread that ended before its work.
 */
import * as Schema from "effect/Schema"

/**
 * The worker thread of a {@link BlockingStream} did not start, was ended, or died: `process.exit`, an uncaught error, no
 * memory left. `cause` is what it died of, where that is known.
 */
export class WorkerError extends Schema.TaggedError<WorkerError>("effect-lm/streaming/WorkerError")("WorkerError", {
  /** The program's file. */
  file: Schema.String,
  description: Schema.String,
  exitCode: Schema.optionalKey(Schema.Finite),
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `${this.file}: ${this.description}`
  }
}
