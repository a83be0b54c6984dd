/**
 * A tool call that the model wrote, and that its provider could not read.
 */
import type { Row } from "./row.ts"

export const written: ReadonlyArray<Row> = [
  {
    reason: "InvalidResponse",
    kinds: [
      "tool_use_failed",
      "tool_call_validation_failed",
      "malformed_function_call",
      "unexpected_tool_call",
      "output_parse_failed",
      "json_validate_failed"
    ],
    says: [
      /fail\w{0,20} to (call|generate) an? (tool|function)/,
      /pars\w{1,20} (the |an? |model'?s? )?(tool|function)[ _-]?calls?/,
      /(tool|function)[ _-]?(call|use)s? (validation|parsing|generation) (failed|error)/,
      /malformed[ _]?(tool|function)[ _]?call/,
      /failed_generation/,
      /attempted to call (a )?tool .{0,200} not in request/,
      /tool choice is none, but (the )?model called a tool/,
      /failed to parse input at pos \d/
    ],
    advice: "What the model wrote could not be read as a tool call"
  }
]
